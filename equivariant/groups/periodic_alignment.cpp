#include "equivariant/groups/periodic_alignment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "equivariant/alignment/circle_shift.h"

namespace genmatch {

PeriodicAligner::PeriodicAligner(const std::vector<std::vector<double>>& axes, bool permutations, bool translations,
                                 int64_t particles, int64_t dim, double length)
    : axes_(axes),
      permutations_(permutations),
      translations_(translations),
      n_(static_cast<std::size_t>(particles)),
      dim_(static_cast<std::size_t>(dim)),
      length_(length),
      turned_(n_ * dim_),
      apart_(n_),
      candidate_(n_),
      solver_(particles) {}

// With permutations and translations both, starts are the shifts that bring the first particle of y to one of x: if y
// is an image of x, one of these is the right one.
const PeriodicAligner::Best& PeriodicAligner::align(const double* x, const double* y, const AlignmentOptions& options) {
  best_ = Best();
  const bool search = permutations_ && translations_;
  const std::size_t starts = search ? std::min(static_cast<std::size_t>(options.starts), n_ + 1) : 1;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t row = 0; row < dim_; ++row)
        turned_[i * dim_ + row] =
            std::inner_product(y + i * dim_, y + (i + 1) * dim_, axes_[a].begin() + static_cast<long>(row * dim_), 0.);
    descend(x, a, std::vector<double>(dim_), search ? options.iterations : 1);
    for (std::size_t j = 0; j + 1 < starts; ++j) {
      std::vector<double> shift(dim_);
      for (std::size_t d = 0; d < dim_; ++d) shift[d] = x[j * dim_ + d] - turned_[d];
      descend(x, a, shift, options.iterations);
    }
  }
  return best_;
}

void PeriodicAligner::descend(const double* x, std::size_t axes, std::vector<double> shift, int64_t iterations) {
  std::iota(candidate_.begin(), candidate_.end(), int64_t{0});
  double last = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < iterations; ++i) {
    previous_ = candidate_;
    if (permutations_) assign(x, shift);
    if (i > 0 && candidate_ == previous_) break;  // so is the shift
    last = translations_ ? move(x, shift) : distance(x, shift);
  }
  if (last >= best_.squared_distance) return;
  best_ = {axes, candidate_, shift, last};
}

double PeriodicAligner::wrapped(double apart) const { return apart - length_ * std::round(apart / length_); }

void PeriodicAligner::assign(const double* x, const std::vector<double>& shift) {
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t j = 0; j < n_; ++j) {
      double square = 0;
      for (std::size_t d = 0; d < dim_; ++d) {
        const double apart = wrapped(x[i * dim_ + d] - turned_[j * dim_ + d] - shift[d]);
        square += apart * apart;
      }
      solver_.row(static_cast<int64_t>(i))[j] = square;
    }
  solver_.solve();
  candidate_ = solver_.columns();
}

double PeriodicAligner::move(const double* x, std::vector<double>& shift) {
  double sum = 0;
  for (std::size_t d = 0; d < dim_; ++d) {
    for (std::size_t i = 0; i < n_; ++i)
      apart_[i] = x[i * dim_ + d] - turned_[static_cast<std::size_t>(candidate_[i]) * dim_ + d];
    const CircleShift best = best_shift(apart_, length_);
    shift[d] = best.shift;
    sum += best.squared_distance;
  }
  return sum;
}

double PeriodicAligner::distance(const double* x, const std::vector<double>& shift) const {
  double sum = 0;
  for (std::size_t i = 0; i < n_; ++i)
    for (std::size_t d = 0; d < dim_; ++d) {
      const auto partner = static_cast<std::size_t>(candidate_[i]);
      const double apart = wrapped(x[i * dim_ + d] - turned_[partner * dim_ + d] - shift[d]);
      sum += apart * apart;
    }
  return sum;
}

}  // namespace genmatch
