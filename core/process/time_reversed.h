#pragma once
#include "core/process/generator.h"

namespace genmatch {

/// The process run backward, X_{1-s}: minus what carries p_t and plus what preserves it, at time 1 - s. Of a flow it is
/// the flow backward; of a diffusion u + 1/2 g^2 s, g^2 it is -u + 1/2 g^2 s, g^2 (Anderson 1982,
/// doi:10.1016/0304-4149(82)90051-5).
class TimeReversed final : public Generator {
 public:
  /// ContractError without a process. Its carrying_part() says what carries p_t.
  explicit TimeReversed(GeneratorPtr process);
  std::vector<Coefficients> at(const State& x, const Tensor& s) const override;

 private:
  GeneratorPtr process_, carrying_;
};

}  // namespace genmatch
