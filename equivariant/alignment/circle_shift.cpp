#include "equivariant/alignment/circle_shift.h"

#include <algorithm>
#include <cmath>

namespace genmatch {

CircleShift best_shift(std::vector<double>& d, double length) {
  const auto n = static_cast<double>(d.size());
  double sum = 0, squares = 0;
  for (double& point : d) {
    point -= length * std::floor(point / length);
    sum += point;
    squares += point * point;
  }
  std::sort(d.begin(), d.end());
  double mean = sum / n, least = squares - n * mean * mean;
  for (std::size_t k = 0; k + 1 < d.size(); ++k) {  // point k goes once round, to the end of the line
    squares += length * (2 * d[k] + length);
    sum += length;
    const double spread = squares - sum * sum / n;
    if (spread >= least) continue;
    least = spread;
    mean = sum / n;
  }
  CircleShift best{mean - length * std::floor(mean / length), 0};
  for (const double point : d) {  // without the cancellation of the sums above
    const double apart = std::remainder(point - best.shift, length);
    best.squared_distance += apart * apart;
  }
  return best;
}

}  // namespace genmatch
