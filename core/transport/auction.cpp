#include "core/transport/auction.h"

#include <algorithm>
#include <limits>

namespace genmatch {
namespace {

// In units of the mean cost. As a rule the usual epsilon is the last; but if it leaves this part of the rows without
// their cheapest column, augmenting paths would be many and long.
constexpr float first_epsilon = 0.1F, epsilon_factor = 0.14F, usual_epsilon = 2e-3F, last_epsilon = 4e-5F;
constexpr float many_loose = 0.93F;
// A row with one permitted column would bid without limit.
constexpr float largest_step = 100;
// Where prices fall in tiny steps (ties, lines), augmenting paths are the better method.
constexpr int64_t bids_per_row = 100;

}  // namespace

void Auction::resize(int32_t rows, int32_t columns) {
  rows_ = rows;
  columns_ = columns;
  stride_ = (static_cast<std::size_t>(columns) + padding - 1) / padding * padding;
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
  bids_left_ = bids_per_row * rows_;
  float epsilon = rows_ == columns_ ? first_epsilon : usual_epsilon;
  while (epsilon > 0.9F * last_epsilon) {
    if (epsilon < 0.9F * usual_epsilon && (rows_ < columns_ || loose_part() < many_loose)) return;
    release(epsilon);
    if (!assign_all(epsilon)) return;
    epsilon *= epsilon_factor;
  }
}

// How far a matched row's column is from its cheapest.
float Auction::slack(int32_t row) const {
  const int32_t column = column_of(row);
  return costs(row)[column] - potential_[static_cast<std::size_t>(column)] - look(row).best;
}

// The part of the rows that do not have their cheapest column, by a sample.
float Auction::loose_part() const {
  int32_t sampled = 0, loose = 0;
  for (int32_t i = 0; i < rows_; i += 1 + rows_ / 64, ++sampled) loose += slack(i) > 0 ? 1 : 0;
  return static_cast<float>(loose) / static_cast<float>(sampled);
}

// Keeps the matches that a smaller epsilon still allows.
void Auction::release(float epsilon) {
  free_.clear();
  for (int32_t i = rows_ - 1; i >= 0; --i) {
    int32_t& column = column_of_[static_cast<std::size_t>(i)];
    if (column != none) {
      if (slack(i) <= epsilon) continue;
      row_of_[static_cast<std::size_t>(column)] = none;
      column = none;
    }
    free_.push_back(i);
  }
}

bool Auction::assign_all(float epsilon) {
  while (!free_.empty()) {
    const int32_t row = free_.back();
    free_.pop_back();
    if (--bids_left_ < 0 || !bid(row, epsilon)) return false;
  }
  return true;
}

BestTwo Auction::look(int32_t row) const {
  return kernels_->best_two(costs(row), potential_.data(), static_cast<int32_t>(stride_));
}

bool Auction::bid(int32_t row, float epsilon) {
  const BestTwo found = look(row);
  const auto column = static_cast<std::size_t>(found.column);
  const float lowered = potential_[column] - std::min(found.second - found.best + epsilon, largest_step);
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
