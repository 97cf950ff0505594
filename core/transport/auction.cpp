#include "core/transport/auction.h"

#include <algorithm>
#include <limits>

namespace genmatch {
namespace {

// In units of the mean cost.
constexpr float kFirstEpsilon = 0.1F, kLastEpsilon = 2e-3F, kEpsilonFactor = 0.14F;
// A row with one permitted column would bid without limit.
constexpr float kLargestStep = 100;
// Where prices fall in tiny steps (ties, lines), augmenting paths are the better method.
constexpr int64_t kBidsPerRow = 100;

}  // namespace

void Auction::resize(int32_t rows, int32_t columns) {
  rows_ = rows;
  columns_ = columns;
  stride_ = static_cast<std::size_t>((columns + kPadding - 1) / kPadding * kPadding);
  cost_.resize(static_cast<std::size_t>(rows) * stride_);
  potential_.assign(stride_, 0);
  column_of_.assign(static_cast<std::size_t>(rows), none);
  row_of_.assign(stride_, none);
  free_.reserve(static_cast<std::size_t>(rows));
  for (int32_t i = 0; i < rows; ++i)
    std::fill(row(i) + columns, row(i) + stride_, std::numeric_limits<float>::infinity());
}

void Auction::run(const RowKernels& kernels) {
  kernels_ = &kernels;
  bids_left_ = kBidsPerRow * rows_;
  const float first = rows_ == columns_ ? kFirstEpsilon : kLastEpsilon;
  for (float epsilon = first; epsilon > 0.9F * kLastEpsilon; epsilon *= kEpsilonFactor)
    if (!assign_all(epsilon)) return;
}

bool Auction::assign_all(float epsilon) {
  free_.clear();
  for (int32_t i = rows_ - 1; i >= 0; --i) {
    release_if_unhappy(i, epsilon);
    if (column_of(i) == none) free_.push_back(i);
  }
  while (!free_.empty()) {
    const int32_t row = free_.back();
    free_.pop_back();
    if (--bids_left_ < 0 || !bid(row, epsilon)) return false;
  }
  return true;
}

// A match that a smaller epsilon still allows is kept.
void Auction::release_if_unhappy(int32_t row, float epsilon) {
  const int32_t column = column_of(row);
  if (column == none) return;
  const float least = kernels_->best_two(costs(row), potential_.data(), static_cast<int32_t>(stride_)).best;
  if (costs(row)[column] - potential_[static_cast<std::size_t>(column)] <= least + epsilon) return;
  row_of_[static_cast<std::size_t>(column)] = none;
  column_of_[static_cast<std::size_t>(row)] = none;
}

bool Auction::bid(int32_t row, float epsilon) {
  const BestTwo found = kernels_->best_two(costs(row), potential_.data(), static_cast<int32_t>(stride_));
  const auto column = static_cast<std::size_t>(found.column);
  const float lowered = potential_[column] - std::min(found.second - found.best + epsilon, kLargestStep);
  if (!(lowered < potential_[column])) return false;  // epsilon is lost in rounding
  potential_[column] = lowered;
  const int32_t owner = row_of_[column];
  row_of_[column] = row;
  column_of_[static_cast<std::size_t>(row)] = found.column;
  if (owner == none) return true;
  column_of_[static_cast<std::size_t>(owner)] = none;
  free_.push_back(owner);
  return true;
}

}  // namespace genmatch
