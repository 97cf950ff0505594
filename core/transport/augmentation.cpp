#include "core/transport/augmentation.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace genmatch {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
// A shortlist with fewer columns below its threshold is renewed before a search looks at the whole row.
constexpr int32_t fewest = 6;
constexpr int64_t contests_per_row = 3;

}  // namespace

template <class Real>
void Augmentation<Real>::resize(int32_t rows, int32_t columns) {
  potential.assign(at(columns), 0);
  row_of.assign(at(columns), none);
  column_of.assign(at(rows), none);
  for (auto* list : {&free_rows_, &left_rows_}) list->reserve(at(rows));
  for (auto* list : {&free_columns_, &settled_}) list->reserve(at(columns));
  settled_at_.reserve(at(columns));
  lists_.resize(at(rows));
  held_cost_.resize(at(columns));
  distance_.resize(columns);
  reach_.resize(columns + 1);  // the last for the row that the search starts from
  expansions_.resize(at(columns) + 1);
  before_.resize(at(columns));
  visible_.resize(at(columns));
  zeros_.assign(rows < columns ? at(columns) : 0, 0);
}

template <class Real>
int32_t Augmentation<Real>::run(const RowKernels& kernels, const CostMatrix<Real>& costs) {
  kernels_ = &kernels;
  costs_ = costs;
  for (Shortlist& list : lists_) {
    list.size = 0;
    list.threshold = -infinity;
  }
  free_rows_.clear();
  for (int32_t i = costs.rows - 1; i >= 0; --i)
    if (column_of[at(i)] == none) free_rows_.push_back(i);
  reduce_rows();
  prepare();
  for (const int32_t row : left_rows_)
    if (!augment(row)) return row;
  return none;
}

template <class Real>
typename Augmentation<Real>::Choice Augmentation<Real>::choose(int32_t row) {
  const Shortlist& list = lists_[at(row)];
  while (true) {
    Choice c{none, infinity, infinity};
    for (int32_t k = 0; k < list.size; ++k) {
      const double x = list.cost[k] - potential[at(list.column[k])];
      c.second = std::min(c.second, std::max(c.best, x));
      c.column = x < c.best ? list.column[k] : c.column;
      c.best = std::min(c.best, x);
    }
    c.second = std::min(c.second, list.threshold);  // too low at worst, which makes a bid too modest
    if (c.best <= list.threshold) return c;
    renew(row);
  }
}

template <class Real>
void Augmentation<Real>::renew(int32_t row) {
  kernels_->of(costs_.cost).shortlist(costs_.row(row), potential.data(), costs_.columns, lists_[at(row)]);
}

// Each free row takes its cheapest column and lowers its potential until a second column is as cheap; the owner has to
// look for another. Rows are left over that would gain nothing, or when all this has gone on for long.
template <class Real>
void Augmentation<Real>::reduce_rows() {
  left_rows_.clear();
  auto contests = contests_per_row * static_cast<int64_t>(free_rows_.size());
  while (!free_rows_.empty()) {
    const int32_t row = free_rows_.back();
    free_rows_.pop_back();
    const Choice c = choose(row);
    const double gain = c.second - c.best;
    const int32_t owner = c.column == none ? imagined : row_of[at(c.column)];
    const bool wins = owner == none || (owner != imagined && gain > 0 && gain < infinity && --contests >= 0);
    if (!wins) {
      left_rows_.push_back(row);
      continue;
    }
    if (gain < infinity) potential[at(c.column)] -= gain;
    match(row, c.column);
    if (owner == none) continue;
    column_of[at(owner)] = none;
    free_rows_.push_back(owner);
  }
}

template <class Real>
void Augmentation<Real>::prepare() {
  free_columns_.clear();
  for (int32_t j = 0; j < costs_.columns; ++j) {
    const int32_t row = row_of[at(j)];
    if (row == none) free_columns_.push_back(j);
    held_cost_[at(j)] = row >= 0 ? costs_.row(row)[j] : 0;
    visible_[at(j)] = potential[at(j)];
  }
}

template <class Real>
bool Augmentation<Real>::augment(int32_t row) {
  if (!search(row)) return false;
  for (std::size_t k = 0; k < settled_.size(); ++k) {
    const auto j = at(settled_[k]);
    potential[j] += settled_at_[k] - end_at_;
    visible_[j] = potential[j];
  }
  flip_path(row);
  return true;
}

// Finds the nearest free column, end_.
template <class Real>
bool Augmentation<Real>::search(int32_t row) {
  distance_.clear();
  reach_.clear();
  settled_.clear();
  settled_at_.clear();
  end_ = first_imagined_ = none;
  end_at_ = infinity;
  look(row, 0, choose(row).best, costs_.columns);
  while (true) {
    const double nearest = distance_.top(), reach = reach_.top();
    if (end_at_ <= std::min(nearest, reach)) return end_ != none;
    if (reach < nearest) {
      look_further(reach_.place_of(*kernels_, reach), reach);
      continue;
    }
    const int32_t column = distance_.place_of(*kernels_, nearest);
    if (row_of[at(column)] == none) {
      end_ = column;
      end_at_ = nearest;
      return true;
    }
    settle(column, nearest);
  }
}

template <class Real>
void Augmentation<Real>::settle(int32_t column, double distance) {
  distance_.remove(*kernels_, column);
  settled_.push_back(column);
  settled_at_.push_back(distance);
  visible_[at(column)] = -infinity;
  const int32_t row = row_of[at(column)];
  if (row != imagined) {
    look(row, distance, held_cost_[at(column)] - potential[at(column)], column);
  } else if (first_imagined_ == none) {
    first_imagined_ = column;
    expand(zeros_.data(), {imagined, distance + potential[at(column)]});
  }
}

template <class Real>
bool Augmentation<Real>::stale(const Shortlist& list) const {
  int32_t below = 0;
  for (int32_t k = 0; k < list.size; ++k)
    below += list.cost[k] - potential[at(list.column[k])] <= list.threshold ? 1 : 0;
  return below < fewest && list.threshold < infinity;
}

// Goes on from a row to the columns of its shortlist.
template <class Real>
void Augmentation<Real>::look(int32_t row, double distance, double row_potential, int32_t place) {
  const Shortlist& list = lists_[at(row)];
  const double offset = distance - row_potential;
  double through[Shortlist::capacity];
  uint32_t nearer = 0;  // one bit for each: branches here could not be predicted
  for (int32_t k = 0; k < list.size; ++k) {
    const auto j = at(list.column[k]);
    through[k] = list.cost[k] - visible_[j] + offset;
    nearer |= static_cast<uint32_t>(through[k] < std::min(distance_.number[j], end_at_)) << k;
  }
  for (; nearer != 0; nearer &= nearer - 1) {
    const int32_t k = __builtin_ctz(nearer), j = list.column[k];
    before_[at(j)] = row;
    distance_.lower(j, through[k]);
    if (row_of[at(j)] != none || through[k] >= end_at_) continue;
    end_at_ = through[k];
    end_ = j;
  }
  const double reach = list.threshold + offset;
  if (!(reach < end_at_)) return;
  reach_.lower(place, reach);
  expansions_[at(place)] = {row, offset};
}

// The search has come as far as a row's shortlist reaches: goes on to a new one or, if that would not lead far, to all
// columns.
template <class Real>
void Augmentation<Real>::look_further(int32_t place, double reach) {
  reach_.remove(*kernels_, place);
  const Expansion e = expansions_[at(place)];
  Shortlist& list = lists_[at(e.row)];
  if (stale(list)) {
    renew(e.row);
    look(e.row, e.offset, 0, place);
    if (reach_.number[at(place)] > reach) return;
    reach_.remove(*kernels_, place);
  }
  expand(costs_.row(e.row), e);
}

// Goes on from a row to all columns.
template <class Real>
void Augmentation<Real>::expand(const Real* cost, const Expansion& e) {
  kernels_->of(cost).relax(cost, visible_.data(), e.offset, e.row, costs_.columns, distance_.number.data(),
                           before_.data(), distance_.least.data());
  for (const int32_t j : free_columns_) {
    if (!(distance_.number[at(j)] < end_at_)) continue;
    end_at_ = distance_.number[at(j)];
    end_ = j;
  }
}

template <class Real>
void Augmentation<Real>::flip_path(int32_t row) {
  *std::find(free_columns_.begin(), free_columns_.end(), end_) = free_columns_.back();
  free_columns_.pop_back();
  for (int32_t j = end_;;) {
    const auto previous = static_cast<int32_t>(before_[at(j)]);
    row_of[at(j)] = previous;
    held_cost_[at(j)] = previous == imagined ? 0 : costs_.row(previous)[j];
    if (previous == imagined) {
      j = first_imagined_;
      continue;
    }
    std::swap(j, column_of[at(previous)]);
    if (previous == row) return;
  }
}

template class Augmentation<float>;
template class Augmentation<double>;

}  // namespace genmatch
