#include "core/data/mixture.h"

#include <algorithm>
#include <cmath>

#include "core/ops.h"

namespace genmatch {

Tensor log_density(const GaussianMixture& mixture, const Tensor& x) {
  constexpr int64_t cells = 1 << 20;  // of a block's table of rows and components
  const int64_t rows = x.size(0), count = mixture.means.size(0), dim = mixture.means.size(1);
  const int64_t block = std::max<int64_t>(1, cells / count);
  const Tensor peaks =
      mixture.log_weights - static_cast<double>(dim) * (mixture.scales.log() + 0.5 * std::log(2 * M_PI));
  const Tensor precisions = -0.5 / mixture.scales.square();
  Tensor result = at::empty({rows}, at::kDouble);
  for (int64_t first = 0; first < rows; first += block) {
    const int64_t size = std::min(block, rows - first);
    Tensor squares = at::zeros({size, count}, at::kDouble);
    for (int64_t d = 0; d < dim; ++d)
      squares += (x.narrow(0, first, size).select(1, d).unsqueeze(1) - mixture.means.select(1, d)).square();
    result.narrow(0, first, size).copy_(at::logsumexp(squares.mul_(precisions).add_(peaks), 1));
  }
  return result;
}

Tensor log_density_of(const GaussianMixture& mixture, const Tensor& x, const Tensor& label) {
  const Tensor scale = mixture.scales.index_select(0, label);
  const Tensor squares = ((x - mixture.means.index_select(0, label)) / scale.unsqueeze(1)).square().sum(1);
  return -0.5 * squares - static_cast<double>(x.size(1)) * (scale.log() + 0.5 * std::log(2 * M_PI));
}

Tensor circle(int64_t count, double radius) {
  const Tensor angle = at::arange(count, at::kDouble) * (2 * M_PI / static_cast<double>(count));
  return radius * at::stack({at::cos(angle), at::sin(angle)}, 1);
}

}  // namespace genmatch
