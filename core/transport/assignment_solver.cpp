#include "core/transport/assignment_solver.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.h"

namespace genmatch {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest_cost = 1e300;  // so that sums along paths stay finite

std::size_t at(int64_t i) { return static_cast<std::size_t>(i); }

// In tiles, of which both sides fit into the cache.
template <class Real>
void transpose(const Real* from, int64_t rows, int64_t columns, Real* to) {
  constexpr int64_t tile = 32;
  for (int64_t i0 = 0; i0 < rows; i0 += tile)
    for (int64_t j0 = 0; j0 < columns; j0 += tile)
      for (int64_t i = i0; i < std::min(i0 + tile, rows); ++i)
        for (int64_t j = j0; j < std::min(j0 + tile, columns); ++j) to[j * rows + i] = from[i * columns + j];
}

template <class Real>
[[noreturn]] void refuse(const Real* row, int64_t i, int64_t columns, bool transposed) {
  const auto wrong = [](Real x) { return !(x >= -largest_cost) || (x > largest_cost && x < infinity); };
  const int64_t j = std::find_if(row, row + columns, wrong) - row;
  throw ContractError(
      fmt::format("assign: cost[{}, {}] is {}: numbers of at most 1e300 in magnitude expected, or "
                  "+infinity for a forbidden pair",
                  transposed ? j : i, transposed ? i : j, row[j]));
}

}  // namespace

void AssignmentSolver::solve(const double* cost, int64_t rows, int64_t columns) {
  solve(cost, rows, columns, of_double_);
}

void AssignmentSolver::solve(const float* cost, int64_t rows, int64_t columns) {
  solve(cost, rows, columns, of_float_);
}

template <class Real>
void AssignmentSolver::solve(const Real* cost, int64_t rows, int64_t columns, Workspace<Real>& workspace) {
  constexpr int64_t most = std::numeric_limits<int32_t>::max() - 2 * padding + 1;
  if (rows < 0 || columns < 0 || rows > most || columns > most)
    throw ContractError(
        fmt::format("assign: cost: at most {} rows and columns expected, got [{}, {}]", most, rows, columns));
  const bool transposed = rows > columns;
  CostMatrix<Real> costs{cost, static_cast<int32_t>(rows), static_cast<int32_t>(columns)};
  if (transposed) {
    workspace.transposed.resize(at(rows) * at(columns));
    transpose(cost, rows, columns, workspace.transposed.data());
    costs = {workspace.transposed.data(), costs.columns, costs.rows};
  }
  const double mean = check(costs, transposed);
  workspace.augmentation.resize(costs.rows, costs.columns);
  const double scale = 1 / mean;
  if (scale > 0 && scale < infinity) bid(costs, scale, workspace.augmentation);
  tighten(costs, workspace.augmentation);
  const int32_t stuck = workspace.augmentation.run(*kernels_, costs);
  if (stuck >= 0)
    throw ContractError(
        fmt::format("assign: cost: every assignment has a forbidden pair: {0} {1} and other {0}s have finite costs in "
                    "fewer {2}s than they are",
                    transposed ? "column" : "row", stuck, transposed ? "row" : "column"));
  report(costs, transposed, workspace.augmentation);
}

// Sets least_. Returns the median over the rows of their finite costs' mean above the least: huge costs in a few
// places do not change it.
template <class Real>
double AssignmentSolver::check(const CostMatrix<Real>& costs, bool transposed) {
  least_.resize(at(costs.rows));
  means_.resize(at(costs.rows));
  if (costs.rows == 0) return 0;
  for (int32_t i = 0; i < costs.rows; ++i) {
    const RowSummary s = kernels_->of(costs.cost).summary(costs.row(i), costs.columns);
    if (!s.valid || s.largest > largest_cost || s.least < -largest_cost)
      refuse(costs.row(i), i, costs.columns, transposed);
    least_[at(i)] = s.least;
    means_[at(i)] = s.finite == 0 ? 0 : s.sum / static_cast<double>(s.finite) - s.least;
  }
  const auto middle = means_.begin() + costs.rows / 2;
  std::nth_element(means_.begin(), middle, means_.end());
  return *middle;
}

template <class Real>
void AssignmentSolver::bid(const CostMatrix<Real>& costs, double scale, Augmentation<Real>& augmentation) {
  auction_.resize(costs.rows, costs.columns);
  for (int32_t i = 0; i < costs.rows; ++i) {
    const double shift = least_[at(i)] < infinity ? least_[at(i)] : 0;  // infinity - infinity is not a number
    kernels_->of(costs.cost).normalise(costs.row(i), costs.columns, shift, scale, auction_.row(i));
  }
  auction_.run(*kernels_);
  for (int32_t j = 0; j < costs.columns; ++j) {
    augmentation.potential[at(j)] = static_cast<double>(auction_.potentials()[at(j)]) / scale;
  }
  for (int32_t i = 0; i < costs.rows; ++i)
    if (auction_.column_of(i) != Auction::none) augmentation.match(i, auction_.column_of(i));
}

// Lets each column's potential rise as far as the rows' least values allow, and keeps those matches that are then
// tight. With it each column has a row for which it is the cheapest; some of these are free.
template <class Real>
void AssignmentSolver::tighten(const CostMatrix<Real>& costs, Augmentation<Real>& augmentation) {
  constexpr int32_t free = Augmentation<Real>::none, imagined = Augmentation<Real>::imagined;
  const bool square = costs.rows == costs.columns;
  // The imagined rows have cost 0 and the least value 0, as their columns have never been bid for.
  lowest_.assign(at(costs.columns), square ? infinity : 0);
  holder_.assign(at(costs.columns), imagined);
  const auto& kernels = kernels_->of(costs.cost);
  for (int32_t i = 0; i < costs.rows; ++i) {
    least_[at(i)] = kernels.least(costs.row(i), augmentation.potential.data(), costs.columns);
    if (least_[at(i)] == infinity) continue;
    kernels.lower(costs.row(i), least_[at(i)], i, costs.columns, lowest_.data(), holder_.data());
  }
  int32_t left_over = costs.columns - costs.rows;
  for (int32_t j = 0; j < costs.columns; ++j) {
    if (lowest_[at(j)] < infinity) augmentation.potential[at(j)] = lowest_[at(j)];
    int32_t& row = augmentation.row_of[at(j)];
    if (row == free && left_over > 0) {
      --left_over;
      row = imagined;
    }
    if (row < 0 || costs.row(row)[j] - least_[at(row)] == lowest_[at(j)]) continue;
    augmentation.column_of[at(row)] = free;
    row = free;
  }
  for (int32_t j = 0; j < costs.columns; ++j) {
    const auto row = static_cast<int32_t>(holder_[at(j)]);
    if (augmentation.row_of[at(j)] == free && row >= 0 && augmentation.column_of[at(row)] == free)
      augmentation.match(row, j);
  }
}

template <class Real>
void AssignmentSolver::report(const CostMatrix<Real>& costs, bool transposed, Augmentation<Real>& augmentation) {
  auto& short_side = transposed ? column_potentials_ : row_potentials_;
  auto& long_side = transposed ? row_potentials_ : column_potentials_;
  short_side.resize(at(costs.rows));
  long_side.resize(at(costs.columns));
  columns_.assign(at(transposed ? costs.columns : costs.rows), none);
  // The imagined rows' columns have the largest potential; it becomes 0.
  double shift = 0;
  if (costs.rows < costs.columns)
    shift = *std::max_element(augmentation.potential.begin(), augmentation.potential.end());
  for (int32_t j = 0; j < costs.columns; ++j) {
    const bool matched = augmentation.row_of[at(j)] >= 0;
    long_side[at(j)] = matched ? augmentation.potential[at(j)] - shift : 0;
  }
  cost_ = 0;
  for (int32_t i = 0; i < costs.rows; ++i) {
    const int32_t j = augmentation.column_of[at(i)];
    const double cost = costs.row(i)[j];
    short_side[at(i)] = cost - long_side[at(j)];
    columns_[at(transposed ? j : i)] = transposed ? i : j;
    cost_ += cost;
  }
}

}  // namespace genmatch
