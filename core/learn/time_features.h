#pragma once
#include "core/tensor.h"

namespace genmatch {

class Fields;

/// What a network is told of the time t: t itself, if wanted -ln(1 - t), and cos and sin of pi k t, k = 1 … n.
class TimeFeatures {
 public:
  struct Options {
    int64_t count = 0;  ///< n
    bool late = false;  ///< -ln(1 - t + 1e-3) too
    /// time_features and late_time.
    void fields(Fields& f);
  };
  TimeFeatures(const Options& options, const at::TensorOptions& like);

  int64_t size() const { return 1 + (late_ ? 1 : 0) + 2 * frequencies_.numel(); }
  /// t [B] -> [B, size].
  Tensor at(const Tensor& t) const;

 private:
  bool late_;
  Tensor frequencies_;  // [n]
};

}  // namespace genmatch
