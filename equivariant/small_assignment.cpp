#include "equivariant/small_assignment.h"

#include <algorithm>
#include <limits>

#include "core/errors.h"

namespace genmatch {
namespace {
constexpr int64_t kNone = -1;
}

SmallAssignment::SmallAssignment(int64_t n)
    : n_(static_cast<std::size_t>(n)),
      column_of_(n_),
      row_of_(n_),
      from_(n_),
      potential_(n_),
      distance_(n_),
      settled_(n_) {}

void SmallAssignment::solve(const double* cost) {
  reduce_columns(cost);
  for (std::size_t i = 0; i < n_; ++i)
    if (column_of_[i] == kNone) augment(cost, static_cast<int64_t>(i));
}

// Every column's potential is its least cost, and it goes to the row that has it if that is free.
void SmallAssignment::reduce_columns(const double* cost) {
  std::fill(column_of_.begin(), column_of_.end(), kNone);
  std::fill(row_of_.begin(), row_of_.end(), kNone);
  for (std::size_t j = 0; j < n_; ++j) {
    std::size_t least = 0;
    for (std::size_t i = 1; i < n_; ++i)
      if (cost[i * n_ + j] < cost[least * n_ + j]) least = i;
    potential_[j] = cost[least * n_ + j];
    if (column_of_[least] != kNone) continue;
    column_of_[least] = static_cast<int64_t>(j);
    row_of_[j] = static_cast<int64_t>(least);
  }
}

int64_t SmallAssignment::nearest() const {
  int64_t best = kNone;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < n_; ++j)
    if (settled_[j] == 0 && distance_[j] < least) {
      least = distance_[j];
      best = static_cast<int64_t>(j);
    }
  if (best == kNone) throw ContractError("SmallAssignment::solve: every assignment has a forbidden pair");
  return best;
}

// Dijkstra's search for the nearest free column, along reduced costs; then all on the way change partners.
void SmallAssignment::augment(const double* cost, int64_t start) {
  const double* of_row = cost + static_cast<std::size_t>(start) * n_;
  for (std::size_t k = 0; k < n_; ++k) distance_[k] = of_row[k] - potential_[k];
  std::fill(from_.begin(), from_.end(), start);
  std::fill(settled_.begin(), settled_.end(), 0);
  int64_t end = nearest();
  while (row_of_[static_cast<std::size_t>(end)] != kNone) {
    const auto j = static_cast<std::size_t>(end);
    settled_[j] = 1;
    const int64_t row = row_of_[j];
    of_row = cost + static_cast<std::size_t>(row) * n_;
    const double base = of_row[j] - potential_[j] - distance_[j];
    for (std::size_t k = 0; k < n_; ++k) {
      const double through = of_row[k] - potential_[k] - base;
      if (settled_[k] != 0 || through >= distance_[k]) continue;
      distance_[k] = through;
      from_[k] = row;
    }
    end = nearest();
  }
  const double length = distance_[static_cast<std::size_t>(end)];
  for (std::size_t k = 0; k < n_; ++k)
    if (settled_[k] != 0) potential_[k] += distance_[k] - length;
  for (int64_t row = kNone; row != start;) {
    row = from_[static_cast<std::size_t>(end)];
    row_of_[static_cast<std::size_t>(end)] = row;
    std::swap(end, column_of_[static_cast<std::size_t>(row)]);
  }
}

}  // namespace genmatch
