#pragma once
#include "core/process/denoiser.h"
#include "core/process/factor.h"
#include "discrete/symbol_path.h"

namespace genmatch {

/// The posterior of the data symbols over a finite data set: what a perfect network would learn from independent pairs.
/// Samplers and bounds are tested against it without training. Where no data point's path reaches x, those with the
/// most symbols in common take all the weight.
class ExactPosterior final : public Generator, public Denoiser {
 public:
  /// data: words [N, *coords] of one factor on a mixture path, N >= 1; weights [N] >= 0 (equal if undefined).
  ExactPosterior(Factor factor, Tensor data, const Tensor& weights = {});
  std::vector<Tensor> logits(const State& x, const Tensor& t) const override;
  /// The rates of the path's simplest process (SymbolPath::rates).
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

 private:
  Factor factor_;
  const SymbolPath& path_;
  Tensor data_, log_prior_, one_hot_;  // [N, *coords], [N], [N, coordinates * S]
};

}  // namespace genmatch
