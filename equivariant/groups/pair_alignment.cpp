#include "equivariant/groups/pair_alignment.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/rng.h"

namespace genmatch {
namespace {

// Rotations from the principal axes of y to those of x, one for each choice of the axes' signs.
template <int D, class Cloud>
std::vector<Turn<D>> between_principal_axes(const Cloud& x, const Cloud& y, bool reflections) {
  const Eigen::SelfAdjointEigenSolver<Turn<D>> of_x(x * x.transpose()), of_y(y * y.transpose());
  std::vector<Turn<D>> all;
  for (int signs = 0; signs < 1 << D; ++signs) {
    Turn<D> axes = of_x.eigenvectors();
    for (int d = 0; d < D; ++d)
      if ((signs >> d) % 2 != 0) axes.col(d) *= -1;
    const Turn<D> rotation = axes * of_y.eigenvectors().transpose();
    if (reflections || rotation.determinant() > 0) all.push_back(rotation);
  }
  return all;
}

// Uniform on SO(D): Q of a Gaussian matrix, made proper; the i-th of a fixed sequence.
template <int D>
Turn<D> random_rotation(int64_t i) {
  Rng rng(0, "alignment", static_cast<uint64_t>(i));
  Turn<D> gaussian;
  for (int k = 0; k < D * D; ++k)
    gaussian(k) = std::sqrt(-2 * std::log(1 - rng.uniform())) * std::cos(2 * M_PI * rng.uniform());
  return kabsch<D>(gaussian, false);
}

std::size_t common_beginning(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin()).first - a.begin());
}

}  // namespace

template <int D>
PairAligner<D>::PairAligner(const CloudGroup::Options& options, int64_t particles)
    : options_(options),
      free_rotation_(options.rotations != "none"),
      reflections_(options.rotations == "orthogonal"),
      n_(particles),
      candidate_(static_cast<std::size_t>(particles)),
      solver_(particles),
      turned_(static_cast<std::size_t>(D * particles)),
      y_(static_cast<std::size_t>(D * solver_.stride())) {
  constexpr int64_t few = 5;
  if (D != 2 || particles > few || !(free_rotation_ && options_.permutations)) return;
  std::vector<int64_t> order(static_cast<std::size_t>(particles));
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto& species = options_.species;
  do {
    bool kept = true;
    for (std::size_t i = 0; i < species.size(); ++i)
      kept = kept && species[i] == species[static_cast<std::size_t>(order[i])];
    if (kept) orders_.push_back({order, orders_.empty() ? 0 : common_beginning(orders_.back().columns, order)});
  } while (std::next_permutation(order.begin(), order.end()));
  overlaps_.resize(static_cast<std::size_t>(particles * particles));
  of_first_.resize(static_cast<std::size_t>(particles + 1));
}

template <int D>
const PairAlignment<D>& PairAligner<D>::align(const double* x_data, const double* y_data,
                                              const AlignmentOptions& options) {
  const Cloud x(x_data, D, n_), y(y_data, D, n_);
  if (!orders_.empty()) {
    try_all(x, y);
    return best_;
  }
  best_.squared_distance = std::numeric_limits<double>::infinity();
  for (int d = 0; d < D; ++d)
    for (int64_t i = 0; i < n_; ++i) y_[static_cast<std::size_t>(d * solver_.stride() + i)] = y(d, i);
  if (!(free_rotation_ && options_.permutations)) {
    descend(x, y, Turn<D>::Identity(), 1);
    return best_;
  }
  std::vector<Turn<D>> starts{Turn<D>::Identity()};
  if (options.starts > 1) {
    const std::vector<Turn<D>> more = between_principal_axes<D>(x, y, reflections_);
    starts.insert(starts.end(), more.begin(), more.end());
  }
  for (auto i = static_cast<int64_t>(starts.size()); i < options.starts; ++i) starts.push_back(random_rotation<D>(i));
  starts.resize(static_cast<std::size_t>(options.starts));
  for (const Turn<D>& start : starts) descend(x, y, start, options.iterations);
  return best_;
}

template <int D>
void PairAligner<D>::try_all(const Cloud& x, const Cloud& y) {
  if constexpr (D == 2) {
    const auto n = static_cast<std::size_t>(n_);
    for (int64_t i = 0; i < n_; ++i)
      for (int64_t j = 0; j < n_; ++j)
        overlaps_[static_cast<std::size_t>(i * n_ + j)] = PlaneOverlap(x.col(i) * y.col(j).transpose());
    double most = -1;
    const Order* best = nullptr;
    for (const Order& order : orders_) {
      for (std::size_t i = order.kept; i < n; ++i)
        of_first_[i + 1] = of_first_[i] + overlaps_[i * n + static_cast<std::size_t>(order.columns[i])];
      const double overlap = of_first_[n].greatest_squared(reflections_);
      if (overlap <= most) continue;
      most = overlap;
      best = &order;
    }
    candidate_ = best->columns;
    best_.permutation = candidate_;
    best_.rotation = turn(x, y);
    best_.squared_distance = distance(x, y, best_.rotation);
  }
}

template <int D>
void PairAligner<D>::descend(const Cloud& x, const Cloud& y, Turn<D> rotation, int64_t iterations) {
  std::iota(candidate_.begin(), candidate_.end(), int64_t{0});
  double last = std::numeric_limits<double>::infinity();
  if (options_.permutations) guess_potentials(x, y);
  for (int64_t i = 0; i < iterations; ++i) {
    previous_ = candidate_;
    if (options_.permutations) assign(x, rotation);
    if (i > 0 && candidate_ == previous_) break;  // so is the rotation
    if (free_rotation_) rotation = turn(x, y);
    last = distance(x, y, rotation);
  }
  if (last >= best_.squared_distance) return;
  best_.squared_distance = last;
  best_.rotation = rotation;
  best_.permutation = candidate_;
}

// Between normal laws x = s y is the optimal map, and -s |y|^2 / 2 the potential.
template <int D>
void PairAligner<D>::guess_potentials(const Cloud& x, const Cloud& y) {
  const double size = y.squaredNorm(), scale = size > 0 ? std::sqrt(x.squaredNorm() / size) : 0;
  for (int64_t i = 0; i < n_; ++i) solver_.potentials()[i] = -0.5 * scale * y.col(i).squaredNorm();
}

template <int D>
void PairAligner<D>::assign(const Cloud& x, const Turn<D>& rotation) {
  Eigen::Map<Eigen::Matrix<double, D, Eigen::Dynamic>>(turned_.data(), D, n_).noalias() = rotation.transpose() * x;
  solver_.set_overlaps(turned_.data(), y_.data(), D);
  const std::vector<int64_t>& species = options_.species;
  for (std::size_t i = 0; i < species.size(); ++i)
    for (std::size_t j = 0; j < species.size(); ++j)
      if (species[i] != species[j]) solver_.row(static_cast<int64_t>(i))[j] = std::numeric_limits<double>::infinity();
  solver_.solve_from_potentials();
  candidate_ = solver_.columns();
}

template <int D>
Turn<D> PairAligner<D>::turn(const Cloud& x, const Cloud& y) const {
  Turn<D> h = Turn<D>::Zero();
  for (int64_t i = 0; i < n_; ++i) h += x.col(i) * y.col(candidate_[static_cast<std::size_t>(i)]).transpose();
  return kabsch<D>(h, reflections_);
}

template <int D>
double PairAligner<D>::distance(const Cloud& x, const Cloud& y, const Turn<D>& rotation) const {
  double sum = 0;
  for (int64_t i = 0; i < n_; ++i)
    sum += (x.col(i) - rotation * y.col(candidate_[static_cast<std::size_t>(i)])).squaredNorm();
  return sum;
}

template class PairAligner<1>;
template class PairAligner<2>;
template class PairAligner<3>;

}  // namespace genmatch
