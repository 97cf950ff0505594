#include "core/learn/time_features.h"

#include <vector>

#include "core/config/fields.h"
#include "core/ops.h"

namespace genmatch {

void TimeFeatures::Options::fields(Fields& f) {
  f("time_features", count, "k: cos and sin of pi t, ..., k pi t are inputs too", at_least(0));
  f("late_time", late, "-ln(1 - t) is an input too (bounded), to tell the last moments before the data apart");
}

TimeFeatures::TimeFeatures(const Options& options, const at::TensorOptions& like)
    : late_(options.late), frequencies_(M_PI * at::arange(1, options.count + 1, like)) {}

Tensor TimeFeatures::at(const Tensor& t) const {
  const Tensor column = t.unsqueeze(-1);
  std::vector<Tensor> parts{column};
  if (late_) {
    constexpr double kShortest = 1e-3;  // times this near to the end look alike
    parts.push_back(at::log(1 + kShortest - column).neg());
  }
  if (frequencies_.numel() > 0) {
    const Tensor phase = column * frequencies_;
    parts.push_back(at::cos(phase));
    parts.push_back(at::sin(phase));
  }
  return at::cat(parts, -1);
}

}  // namespace genmatch
