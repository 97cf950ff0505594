#pragma once
#include <cstdint>
#include <vector>

#include "core/transport/block_minima.h"
#include "core/transport/row_kernels.h"

namespace genmatch {

/// Costs [rows, columns], row by row, rows <= columns; +infinity forbids a pair.
template <class Real>
struct CostMatrix {
  const Real* cost = nullptr;
  int32_t rows = 0, columns = 0;
  const Real* row(int64_t i) const { return cost + i * columns; }
};

/// Shortest augmenting paths (Jonker & Volgenant 1987, doi:10.1007/BF02278710), for the rows that something faster has
/// left free. Dijkstra's search looks at a row's cheapest columns first, a shortlist that stays valid because
/// potentials only fall, and at the whole row only when it has come as far as the shortlist reaches.
///
/// Where there are fewer rows than columns, imagined rows of cost 0 hold the columns that are left over. They are all
/// alike, so that a search looks at one of them only.
///
/// Memory is kept from one call to the next. Real is float or double.
template <class Real>
class Augmentation {
 public:
  static constexpr int32_t none = -1, imagined = -2;

  /// All free, potentials 0.
  void resize(int32_t rows, int32_t columns);
  void match(int32_t row, int32_t column) {
    row_of[at(column)] = row;
    column_of[at(row)] = column;
  }

  /// To be set before run(): potentials [columns]; who holds each column (a row, none or imagined: the latter
  /// columns - rows times, where the potential is the largest of all); what each row holds. Held columns are the
  /// cheapest of their rows at these potentials.
  std::vector<double> potential;
  std::vector<int32_t> row_of, column_of;

  /// Matches all rows at the least cost. Returns none, or a row that cannot be matched without a forbidden pair.
  int32_t run(const RowKernels& kernels, const CostMatrix<Real>& costs);

 private:
  struct Choice {
    int32_t column = none;
    double best = 0, second = 0;
  };
  struct Expansion {
    int32_t row = none;
    double offset = 0;
  };

  static std::size_t at(int32_t i) { return static_cast<std::size_t>(i); }
  void prepare();
  Choice choose(int32_t row);
  void renew(int32_t row);
  void reduce_rows();
  bool augment(int32_t row);
  bool search(int32_t row);
  void settle(int32_t column, double distance);
  void look(int32_t row, double distance, double row_potential, int32_t place);
  void look_further(int32_t place, double reach);
  void expand(const Real* cost, const Expansion& e);
  void flip_path(int32_t row);
  bool stale(const Shortlist& list) const;

  const RowKernels* kernels_ = nullptr;
  CostMatrix<Real> costs_;
  std::vector<int32_t> free_rows_, left_rows_, free_columns_;
  std::vector<Shortlist> lists_;
  std::vector<double> held_cost_;  // by column, of the pair with the row that holds it
  // Of the search at hand.
  BlockMinima distance_, reach_;       // of columns; how far the shortlist reaches of the row that holds a column
  std::vector<Expansion> expansions_;  // to be done when the search comes as far as reach_
  std::vector<int64_t> before_;        // the row through which a column was reached
  std::vector<double> visible_;        // potentials, -infinity for settled columns, which thus stay out of reach
  std::vector<int32_t> settled_;
  std::vector<double> settled_at_;
  int32_t end_ = none, first_imagined_ = none;
  double end_at_ = 0;
  std::vector<Real> zeros_;
};

extern template class Augmentation<float>;
extern template class Augmentation<double>;

}  // namespace genmatch
