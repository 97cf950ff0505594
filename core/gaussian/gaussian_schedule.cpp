#include "core/gaussian/gaussian_schedule.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/ops.h"

namespace genmatch {

Tensor keep_from_zero(const Tensor& scale) {
  const double precision = scale.scalar_type() == at::kDouble ? std::numeric_limits<double>::epsilon()
                                                              : std::numeric_limits<float>::epsilon();
  return scale.clamp_min(std::max(1e-5, std::sqrt(precision)));
}

Tensor noising_variance(const Tensor& sigma, const Tensor& sigma_derivative, const Tensor& rate) {
  return 2 * sigma * (sigma * rate - sigma_derivative);
}

Tensor GaussianSchedule::log_snr(const Tensor& t) const {
  const GaussianCoefficients c = at(t);
  return 2 * (c.alpha.log() - c.sigma.log());
}

Tensor GaussianSchedule::time_of(const Tensor& log_snr) const {
  const Tensor wanted = log_snr.to(at::kDouble);
  Tensor early = at::zeros_like(wanted), late = at::ones_like(wanted);
  constexpr int kBitsOfDouble = 53;
  for (int i = 0; i < kBitsOfDouble; ++i) {
    const Tensor middle = (early + late) / 2;
    const Tensor before = this->log_snr(middle) < wanted;
    early = at::where(before, middle, early);
    late = at::where(before, late, middle);
  }
  return ((early + late) / 2).to(log_snr.scalar_type());
}

}  // namespace genmatch
