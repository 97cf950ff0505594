#pragma once
// The kernels of row_kernels.h, compiled by each of the files that include this for its own instruction set.
#include "core/transport/row_kernels.h"
#include "core/transport/vectors.h"

namespace genmatch {
namespace {

template <class Real>
RowSummary summary(const Real* cost, int32_t columns) {
  Doubles least = all(kInfinity), largest = all(-kInfinity), sum = all(0.0);
  Longs finite{}, valid = ~Longs{};
  int32_t j = 0;
  for (; j + kWidth <= columns; j += kWidth) {
    const Doubles x = doubles(cost + j);
    const Longs below = x < kInfinity;
    valid &= x > -kInfinity;
    finite -= below;
    sum += below ? x : all(0.0);
    least = smaller(x, least);
    largest = larger(largest, below ? x : all(-kInfinity));
  }
  RowSummary s{kInfinity, -kInfinity, 0, 0, bits(valid) == (1U << kWidth) - 1};
  const auto add = [&s](double low, double high, double total, int64_t count) {
    s.least = low < s.least ? low : s.least;
    s.largest = high > s.largest ? high : s.largest;
    s.sum += total;
    s.finite += count;
  };
  for (int32_t l = 0; l < kWidth; ++l) add(least[l], largest[l], sum[l], finite[l]);
  for (; j < columns; ++j) {
    const double x = cost[j];
    s.valid = s.valid && x > -kInfinity;
    if (x < kInfinity) add(x, x, x, 1);
  }
  return s;
}

template <class Real>
void normalise(const Real* cost, int32_t columns, double shift, double scale, float* to) {
  int32_t j = 0;
  for (; j + kWidth <= columns; j += kWidth)
    write(to + j, __builtin_convertvector((doubles(cost + j) - shift) * scale, HalfFloats));
  for (; j < columns; ++j) to[j] = static_cast<float>((static_cast<double>(cost[j]) - shift) * scale);
}

template <class Real>
double least(const Real* cost, const double* potential, int32_t columns) {
  Doubles a[4] = {all(kInfinity), all(kInfinity), all(kInfinity), all(kInfinity)};
  int32_t j = 0;
  for (; j + 4 * kWidth <= columns; j += 4 * kWidth)
    for (int32_t k = 0; k < 4; ++k)
      a[k] = smaller(doubles(cost + j + k * kWidth) - doubles(potential + j + k * kWidth), a[k]);
  double found = least_lane(smaller(smaller(a[0], a[1]), smaller(a[2], a[3])));
  for (; j < columns; ++j) {
    const double x = cost[j] - potential[j];
    found = x < found ? x : found;
  }
  return found;
}

template <class Real>
void lower(const Real* cost, double shift, int64_t row, int32_t columns, double* lowest, int64_t* holder) {
  int32_t j = 0;
  for (; j + kWidth <= columns; j += kWidth) {
    const Doubles x = doubles(cost + j) - shift, before = doubles(lowest + j);
    const Longs falls = x < before;
    if (bits(falls) == 0) continue;
    write(lowest + j, falls ? x : before);
    write(holder + j, falls ? row - Longs{} : read<Longs>(holder + j));
  }
  for (; j < columns; ++j) {
    const double x = cost[j] - shift;
    if (!(x < lowest[j])) continue;
    lowest[j] = x;
    holder[j] = row;
  }
}

inline void order(Doubles& a, Doubles& b) {
  const Doubles low = smaller(a, b);
  b = larger(a, b);
  a = low;
}

// A bound that at least 2 kWidth numbers do not exceed: columns are dealt to 8 kWidth heaps; in each lane the heaps'
// minima are sorted (Batcher's network), and the bound is the largest of the lanes' second ones. With two wider lanes
// it takes the third: some twenty numbers in all cases.
template <class Real>
double shortlist_bound(const Real* cost, const double* potential, int32_t columns) {
  Doubles a[8];
  for (auto& x : a) x = all(kInfinity);
  int32_t j = 0;
  for (; j + 8 * kWidth <= columns; j += 8 * kWidth)
    for (int32_t k = 0; k < 8; ++k)
      a[k] = smaller(doubles(cost + j + k * kWidth) - doubles(potential + j + k * kWidth), a[k]);
  double rest[8 * kWidth];
  for (int32_t k = 0; k < 8 * kWidth; ++k) rest[k] = j + k < columns ? cost[j + k] - potential[j + k] : kInfinity;
  for (int32_t k = 0; k < 8; ++k) a[k] = smaller(doubles(rest + k * kWidth), a[k]);
  constexpr int32_t network[19][2] = {{0, 1}, {2, 3}, {4, 5}, {6, 7}, {0, 2}, {1, 3}, {4, 6}, {5, 7}, {1, 2}, {5, 6},
                                      {0, 4}, {1, 5}, {2, 6}, {3, 7}, {2, 4}, {3, 5}, {1, 2}, {3, 4}, {5, 6}};
  for (const auto& pair : network) order(a[pair[0]], a[pair[1]]);
  constexpr int32_t rank = kWidth == 8 ? 1 : kWidth == 4 ? 2 : 5;
  return -least_lane(-a[rank]);
}

// Adds a column below the bound. A full list drops its largest, to which the threshold falls.
struct ShortlistBuilder {
  Shortlist& list;
  double value[Shortlist::capacity];
  int32_t largest = -1;

  void find_largest() {
    largest = 0;
    for (int32_t k = 1; k < Shortlist::capacity; ++k) largest = value[k] > value[largest] ? k : largest;
  }
  void put(int32_t place, double cost, double x, int32_t column) {
    list.cost[place] = cost;
    list.column[place] = column;
    value[place] = x;
  }
  void add(double cost, double x, int32_t column) {
    if (list.size < Shortlist::capacity) {
      put(list.size++, cost, x, column);
      return;
    }
    if (largest < 0) find_largest();
    double dropped = x;
    if (x < value[largest]) {
      dropped = value[largest];
      put(largest, cost, x, column);
      find_largest();
    }
    list.threshold = dropped < list.threshold ? dropped : list.threshold;
  }
};

template <class Real>
void shortlist(const Real* cost, const double* potential, int32_t columns, Shortlist& list) {
  list.size = 0;
  list.threshold = shortlist_bound(cost, potential, columns);
  ShortlistBuilder builder{list, {}, -1};
  const double bound = list.threshold;
  if (!(bound < kInfinity)) {  // forbidden columns stay out
    for (int32_t j = 0; j < columns; ++j)
      if (cost[j] < kInfinity) builder.add(cost[j], cost[j] - potential[j], j);
    return;
  }
  int32_t j = 0;
  for (; j + 4 * kWidth <= columns; j += 4 * kWidth) {
    uint32_t hits = 0;
    for (int32_t k = 0; k < 4; ++k)
      hits |= bits(doubles(cost + j + k * kWidth) - doubles(potential + j + k * kWidth) <= bound) << (k * kWidth);
    for (; hits != 0; hits &= hits - 1) {
      const int32_t q = j + __builtin_ctz(hits);
      builder.add(cost[q], cost[q] - potential[q], q);
    }
  }
  for (; j < columns; ++j)
    if (cost[j] - potential[j] <= bound) builder.add(cost[j], cost[j] - potential[j], j);
}

template <class Real>
void relax(const Real* cost, const double* potential, double offset, int64_t row, int32_t columns, double* distance,
           int64_t* before, double* block) {
  for (int32_t start = 0; start < columns; start += kPadding, ++block) {
    const int32_t end = start + kPadding < columns ? start + kPadding : columns;
    Doubles nearest = all(*block);
    int32_t j = start;
    for (; j + kWidth <= end; j += kWidth) {
      const Doubles x = doubles(cost + j) - doubles(potential + j) + offset, old = doubles(distance + j);
      const Longs nearer = x < old;
      if (bits(nearer) == 0) continue;
      const Doubles now = nearer ? x : old;
      write(distance + j, now);
      write(before + j, nearer ? row - Longs{} : read<Longs>(before + j));
      nearest = smaller(now, nearest);
    }
    *block = least_lane(nearest);
    for (; j < end; ++j) {
      const double x = cost[j] - potential[j] + offset;
      if (!(x < distance[j])) continue;
      distance[j] = x;
      before[j] = row;
      *block = x < *block ? x : *block;
    }
  }
}

inline BestTwo best_two(const float* cost, const float* potential, int32_t columns) {
  constexpr int32_t lanes = 2 * kWidth;
  const float infinity = __builtin_inff();
  Floats best = all(infinity), second = all(infinity);
  Ints group{}, at{};
  for (int32_t j = 0; j < columns; j += 4 * lanes, group += 1) {
    const auto value = [=](int32_t k) {
      return read<Floats>(cost + j + k * lanes) - read<Floats>(potential + j + k * lanes);
    };
    const Floats a = value(0), b = value(1), c = value(2), d = value(3);
    const Floats low = smaller(a, b), high = larger(a, b), low2 = smaller(c, d), high2 = larger(c, d);
    const Floats first = smaller(low, low2), next = smaller(larger(low, low2), smaller(high, high2));
    second = smaller(smaller(next, second), larger(first, best));
    at = first < best ? group : at;
    best = smaller(first, best);
  }
  // The rest without branches, which nobody could predict.
  const float least = least_lane(best);
  const auto lane = static_cast<int32_t>(__builtin_ctz(bits(best == least)));
  const Floats others = lane_numbers() == lane ? second : smaller(best, second);
  int32_t groups[lanes];
  write(groups, at);
  const int32_t j = groups[lane] * 4 * lanes + lane;
  const auto misses = [=](int32_t k) { return cost[j + k * lanes] - potential[j + k * lanes] != least ? 1 : 0; };
  const int32_t not0 = misses(0), not1 = not0 & misses(1), not2 = not1 & misses(2);
  return {j + (not0 + not1 + not2) * lanes, least, least_lane(others)};
}

inline double block_least(const double* block) {
  Doubles a = doubles(block);
  for (int32_t k = kWidth; k < kPadding; k += kWidth) a = smaller(doubles(block + k), a);
  return least_lane(a);
}

inline int32_t block_find(const double* block, double number) {
  for (int32_t k = 0; k < kPadding; k += kWidth)
    if (const uint32_t hits = bits(doubles(block + k) == number); hits != 0) return k + __builtin_ctz(hits);
  return 0;
}

template <class Real>
constexpr CostKernels<Real> cost_kernels() {
  return {summary<Real>, normalise<Real>, least<Real>, lower<Real>, shortlist<Real>, relax<Real>};
}
constexpr RowKernels row_kernels(const char* name) {
  return {name, cost_kernels<double>(), cost_kernels<float>(), best_two, block_least, block_find};
}

}  // namespace
}  // namespace genmatch
