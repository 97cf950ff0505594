#include "core/transport/assignment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr int64_t none = -1;
constexpr double infinity = std::numeric_limits<double>::infinity();

class Solver {
 public:
  Solver(const double* cost, int64_t n)
      : cost_(cost),
        n_(n),
        column_of_(as_size(n), none),
        row_of_(as_size(n), none),
        price_(as_size(n), 0),
        distance_(as_size(n)),
        before_(as_size(n)),
        columns_(as_size(n)) {}

  void solve() {
    std::vector<int64_t> free = reduce_columns();
    for (int pass = 0; pass < 2; ++pass) free = reduce_rows(std::move(free));
    for (const int64_t row : free) augment(row);
  }
  int64_t column_of(int64_t row) const { return column_of_[as_size(row)]; }
  double price(int64_t column) const { return price_[as_size(column)]; }
  double reduced(int64_t row, int64_t column) const { return cost_[row * n_ + column] - price(column); }

 private:
  static std::size_t as_size(int64_t i) { return static_cast<std::size_t>(i); }
  void match(int64_t row, int64_t column) {
    column_of_[as_size(row)] = column;
    row_of_[as_size(column)] = row;
  }

  // Prices the columns by their cheapest rows and matches what is matched at once. Returns the rows left over.
  std::vector<int64_t> reduce_columns() {
    std::vector<int64_t> cheapest(as_size(n_), 0), wanted(as_size(n_), 0), free;
    std::fill(price_.begin(), price_.end(), infinity);
    for (int64_t i = 0; i < n_; ++i) {
      for (int64_t j = 0; j < n_; ++j) {
        const double c = cost_[i * n_ + j];
        if (c >= price_[as_size(j)]) continue;
        price_[as_size(j)] = c;
        cheapest[as_size(j)] = i;
      }
    }
    for (int64_t j = n_ - 1; j >= 0; --j) {
      const int64_t i = cheapest[as_size(j)];
      if (++wanted[as_size(i)] == 1) match(i, j);
    }
    for (int64_t i = 0; i < n_; ++i) {
      if (column_of(i) == none) free.push_back(i);
      if (wanted[as_size(i)] == 1) transfer(i);
    }
    return free;
  }

  // Gives a row's gain over its second choice to the price of its column, which others then want less.
  void transfer(int64_t row) {
    const int64_t own = column_of(row);
    double second = infinity;
    for (int64_t j = 0; j < n_; ++j)
      if (j != own) second = std::min(second, reduced(row, j));
    if (second < infinity) price_[as_size(own)] -= second;
  }

  // The two cheapest columns of a row at the present prices.
  struct Choice {
    int64_t first = none, second = none;
    double least = infinity, next = infinity;
  };
  Choice choose(int64_t row) const {
    Choice c;
    for (int64_t j = 0; j < n_; ++j) {
      const double value = reduced(row, j);
      if (value >= c.next) continue;
      if (value >= c.least) {
        c.next = value;
        c.second = j;
        continue;
      }
      c.next = std::exchange(c.least, value);
      c.second = std::exchange(c.first, j);
    }
    return c;
  }

  // Each free row takes its cheapest column, whose owner has to look for another. Returns the rows left over.
  std::vector<int64_t> reduce_rows(std::vector<int64_t> queue) {
    std::vector<int64_t> left;
    int64_t contests = 10 * n_;  // rows that outbid each other by next to nothing are left to augment()
    std::reverse(queue.begin(), queue.end());
    while (!queue.empty()) {
      const int64_t row = queue.back();
      queue.pop_back();
      const Choice c = choose(row);
      const double lowered = price_[as_size(c.first)] - (c.next - c.least);
      const bool lowers = c.second != none && lowered < price_[as_size(c.first)];
      int64_t column = c.first;
      if (lowers) price_[as_size(column)] = lowered;
      if (!lowers && row_of_[as_size(column)] != none && c.second != none) column = c.second;
      const int64_t owner = row_of_[as_size(column)];
      match(row, column);
      if (owner == none) continue;
      column_of_[as_size(owner)] = none;
      (lowers && --contests > 0 ? queue : left).push_back(owner);
    }
    return left;
  }

  // Dijkstra's search over reduced costs from a free row to the nearest free column; prices are kept feasible.
  void augment(int64_t free_row) {
    std::iota(columns_.begin(), columns_.end(), 0);
    for (int64_t j = 0; j < n_; ++j) distance_[as_size(j)] = reduced(free_row, j);
    std::fill(before_.begin(), before_.end(), free_row);
    std::size_t settled = 0;  // columns_[0, settled) have their final distance
    int64_t end = none;
    std::size_t nearest = nearest_from(0);
    while (true) {
      const int64_t j = columns_[nearest];
      if (row_of_[as_size(j)] == none) {
        end = j;
        break;
      }
      std::swap(columns_[settled++], columns_[nearest]);
      nearest = relax(j, settled);
    }
    for (std::size_t k = 0; k < settled; ++k) {
      const auto j = as_size(columns_[k]);
      price_[j] += distance_[j] - distance_[as_size(end)];
    }
    for (int64_t row = none; row != free_row;) {
      row = before_[as_size(end)];
      row_of_[as_size(end)] = row;
      std::swap(end, column_of_[as_size(row)]);
    }
  }

  std::size_t nearest_from(std::size_t first) const {
    std::size_t nearest = first;
    for (std::size_t k = first + 1; k < columns_.size(); ++k)
      if (distance_[as_size(columns_[k])] < distance_[as_size(columns_[nearest])]) nearest = k;
    return nearest;
  }

  // Shortens the ways that lead over a settled column; returns the place in columns_ of the nearest one after them.
  std::size_t relax(int64_t settled_column, std::size_t first) {
    const int64_t row = row_of_[as_size(settled_column)];
    const double* cost = cost_ + row * n_;
    const double offset = reduced(row, settled_column) - distance_[as_size(settled_column)];
    std::size_t nearest = first;
    double least = infinity;
    for (std::size_t k = first; k < columns_.size(); ++k) {
      const auto j = as_size(columns_[k]);
      const double through = cost[j] - price_[j] - offset;
      if (through < distance_[j]) {
        distance_[j] = through;
        before_[j] = row;
      }
      if (distance_[j] < least) {
        least = distance_[j];
        nearest = k;
      }
    }
    return nearest;
  }

  const double* cost_;
  int64_t n_;
  std::vector<int64_t> column_of_, row_of_;
  std::vector<double> price_, distance_;
  std::vector<int64_t> before_, columns_;  // before_: the row through which a column was reached
};

}  // namespace

Assignment assign(const Tensor& cost) {
  if (cost.dim() != 2 || cost.size(0) != cost.size(1) || cost.scalar_type() != at::kDouble || !cost.device().is_cpu())
    throw ContractError(fmt::format("assign: cost: a square float64 matrix on the CPU expected, got [{}] of {}",
                                    fmt::join(cost.sizes(), ", "), c10::toString(cost.scalar_type())));
  if (!cost.isfinite().all().item<bool>()) throw ContractError("assign: cost: finite numbers expected");
  const Tensor rows = cost.contiguous();
  const int64_t n = rows.size(0);
  Solver solver(rows.data_ptr<double>(), n);
  solver.solve();
  Assignment result{at::empty({n}, at::kLong), 0, at::empty({n}, at::kDouble), at::empty({n}, at::kDouble)};
  auto columns = result.columns.accessor<int64_t, 1>();
  auto u = result.row_potentials.accessor<double, 1>(), v = result.column_potentials.accessor<double, 1>();
  for (int64_t i = 0; i < n; ++i) {
    columns[i] = solver.column_of(i);
    u[i] = solver.reduced(i, columns[i]);
    v[i] = solver.price(i);
  }
  result.cost = rows.gather(1, result.columns.unsqueeze(1)).sum().item<double>();
  return result;
}

}  // namespace genmatch
