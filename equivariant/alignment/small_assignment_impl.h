#pragma once
// The kernels of small_assignment.h, for the instructions that the including file is compiled for.
#include "core/numerics/vectors.h"
#include "equivariant/alignment/small_assignment.h"

namespace genmatch {
namespace {

constexpr int64_t nobody = -1;

inline Longs all_indices(int64_t i) { return i - Longs{}; }

inline int64_t first_equal(const double* x, double value, int64_t stride) {
  for (int64_t k = 0; k < stride; k += vector_width)
    if (const uint32_t found = bits(doubles(x + k) == all(value)); found != 0) return k + __builtin_ctz(found);
  return nobody;
}

void overlaps(const double* x, const double* y, int64_t dim, const SmallProblem& p) {
  for (int64_t i = 0; i < p.n; ++i) {
    double* const row = p.cost + i * p.stride;
    for (int64_t k = 0; k < p.stride; k += vector_width) {
      Doubles sum{};
      for (int64_t d = 0; d < dim; ++d) sum -= x[i * dim + d] * doubles(y + d * p.stride + k);
      write(row + k, sum);
    }
    for (int64_t j = p.n; j < p.stride; ++j) row[j] = infinity;
  }
}

// Every column's potential is its least cost, and it goes to the row that has it if that is free.
void reduce_columns(const SmallProblem& p) {
  for (int64_t k = 0; k < p.stride; k += vector_width) {
    Doubles least = all(infinity);
    Longs holder = all_indices(nobody);
    for (int64_t i = 0; i < p.n; ++i) {
      const Doubles cost = doubles(p.cost + i * p.stride + k);
      holder = cost < least ? all_indices(i) : holder;
      least = smaller(cost, least);
    }
    write(p.potential + k, least);
    write(p.from + k, holder);
  }
  for (int64_t j = 0; j < p.n; ++j) {
    const int64_t row = p.from[j];
    if (row == nobody) p.potential[j] = 0;  // forbidden to all
    if (row == nobody || p.column_of[row] != nobody) continue;
    p.column_of[row] = j;
    p.row_of[j] = row;
  }
}

struct TwoLeast {
  double first, second;
  int64_t column;
};

// Of the reduced costs of a row, which are left in `distance`.
TwoLeast two_least(const SmallProblem& p, int64_t i) {
  const double* const row = p.cost + i * p.stride;
  Doubles first = all(infinity), second = first;
  for (int64_t k = 0; k < p.stride; k += vector_width) {
    const Doubles reduced = doubles(row + k) - doubles(p.potential + k);
    write(p.distance + k, reduced);
    second = smaller(larger(reduced, first), second);
    first = smaller(reduced, first);
  }
  TwoLeast found{least_lane(first), infinity, nobody};
  if (!(found.first < infinity)) return found;
  found.column = first_equal(p.distance, found.first, p.stride);
  first[found.column % vector_width] = infinity;
  found.second = least_lane(smaller(first, second));
  return found;
}

// Free rows take the column that is cheapest for them, for a price at which the next best is as good, and whoever held
// it looks for another. Returns how many rows are left waiting.
int64_t reduce_rows(const SmallProblem& p) {
  constexpr int64_t passes = 2;  // beyond them, and beyond so many bids, shortest paths are quicker
  int64_t waiting = 0, patience = 2 * p.n;
  for (int64_t i = 0; i < p.n; ++i)
    if (p.column_of[i] == nobody) p.waiting[waiting++] = i;
  for (int64_t pass = 0; pass < passes; ++pass) {
    int64_t left = 0;
    for (int64_t next = 0; next < waiting; ++next) {
      int64_t row = p.waiting[next];
      while (row != nobody) {
        const TwoLeast best = --patience < 0 ? TwoLeast{infinity, infinity, nobody} : two_least(p, row);
        if (best.column == nobody || !(best.second < infinity)) break;
        const int64_t holder = p.row_of[best.column];
        const double price = best.second - best.first;
        if (holder != nobody && !(price > 0)) break;  // whoever goes would come back
        p.potential[best.column] -= price;
        p.row_of[best.column] = row;
        p.column_of[row] = best.column;
        if (holder != nobody) p.column_of[holder] = nobody;
        row = holder;
      }
      if (row != nobody) p.waiting[left++] = row;
    }
    waiting = left;
  }
  return waiting;
}

// Dijkstra's search for the nearest free column, along reduced costs; then all on the way change partners.
bool augment(const SmallProblem& p, int64_t start) {
  Doubles nearest = all(infinity);
  for (int64_t k = 0; k < p.stride; k += vector_width) {
    const Doubles potential = doubles(p.potential + k), reduced = doubles(p.cost + start * p.stride + k) - potential;
    write(p.open + k, potential);
    write(p.distance + k, reduced);
    write(p.from + k, all_indices(start));
    nearest = smaller(reduced, nearest);
  }
  double least = least_lane(nearest);
  int64_t end = nobody;
  while (true) {
    if (!(least < infinity)) return false;
    end = first_equal(p.distance, least, p.stride);
    if (p.row_of[end] == nobody) break;
    const int64_t row = p.row_of[end];
    const double* const cost = p.cost + row * p.stride;
    const double base = cost[end] - p.potential[end] - least;
    // The potential of a settled column will rise by its distance less that of the last one.
    p.potential[end] += least;
    p.open[end] = -infinity;
    p.distance[end] = infinity;
    nearest = all(infinity);
    for (int64_t k = 0; k < p.stride; k += vector_width) {
      const Doubles through = doubles(cost + k) - doubles(p.open + k) - base, known = doubles(p.distance + k);
      const auto shorter = through < known;
      const Doubles now = shorter ? through : known;
      write(p.distance + k, now);
      write(p.from + k, shorter ? all_indices(row) : read<Longs>(p.from + k));
      nearest = smaller(now, nearest);
    }
    least = least_lane(nearest);
  }
  for (int64_t j = 0; j < p.n; ++j)
    if (p.open[j] == -infinity) p.potential[j] -= least;
  for (int64_t row = nobody; row != start;) {
    row = p.from[end];
    p.row_of[end] = row;
    const int64_t before = p.column_of[row];
    p.column_of[row] = end;
    end = before;
  }
  return true;
}

bool solve(const SmallProblem& p, bool guessed) {
  for (int64_t j = 0; j < p.stride; ++j) p.row_of[j] = nobody;
  for (int64_t i = 0; i < p.n; ++i) p.column_of[i] = nobody;
  if (!guessed) reduce_columns(p);
  for (int64_t j = p.n; j < p.stride; ++j) p.potential[j] = 0;  // their costs are infinite
  const int64_t waiting = reduce_rows(p);
  for (int64_t i = 0; i < waiting; ++i)
    if (!augment(p, p.waiting[i])) return false;
  return true;
}

constexpr SmallAssignmentKernels small_assignment_of(const char* name) { return {name, overlaps, solve}; }

}  // namespace
}  // namespace genmatch
