#include "core/solve/stepper.h"

#include <algorithm>
#include <cmath>

#include "core/ops.h"

namespace genmatch {

std::vector<double> Stepper::times(double from, double to) const {
  constexpr double rounding = 1e-9;  // of steps() * |to - from|
  const double exact = static_cast<double>(steps()) * std::abs(to - from);
  const int64_t n = std::max<int64_t>(1, std::llround(std::ceil(exact - rounding)));
  std::vector<double> times;
  for (int64_t i = 0; i <= n; ++i)
    times.push_back(from + (to - from) * static_cast<double>(i) / static_cast<double>(n));
  return times;
}

Tensor Stepper::first_step(const Spaces&, const State&, const State&) const { return {}; }

}  // namespace genmatch
