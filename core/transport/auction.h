#pragma once
#include <cstdint>
#include <vector>

#include "core/transport/row_kernels.h"

namespace genmatch {

/// Bertsekas' forward auction with epsilon-scaling (1988, doi:10.1007/BF02186476) in single precision: potentials
/// near the optimal ones, and a matching near the optimal one, at a cost of a few dozen passes over each row.
/// Approximate: whoever calls it finishes the work. Memory is kept from one call to the next.
class Auction {
 public:
  static constexpr int32_t none = -1;

  /// Room for costs [rows, stride], stride a multiple of padding; to be filled row by row before run(), with the
  /// least cost of each row 0, the mean about 1, and +infinity for forbidden pairs and padding.
  void resize(int32_t rows, int32_t columns);
  float* row(int32_t i) { return cost_.data() + static_cast<std::size_t>(i) * stride_; }

  /// From potentials 0. Several epsilons need as many rows as columns: with fewer, columns would be left over whose
  /// potentials an earlier epsilon had lowered. Rows may remain free: where prices of single precision cannot follow,
  /// or where too many bids were made.
  void run(const RowKernels& kernels);

  const std::vector<float>& potentials() const { return potential_; }  ///< <= 0, of the costs as filled in
  int32_t column_of(int32_t row) const { return column_of_[static_cast<std::size_t>(row)]; }  ///< or none

 private:
  float slack(int32_t row) const;
  float loose_part() const;
  void release(float epsilon);
  bool assign_all(float epsilon);
  bool bid(int32_t row, float epsilon);
  BestTwo look(int32_t row) const;
  const float* costs(int32_t row) const { return cost_.data() + static_cast<std::size_t>(row) * stride_; }

  const RowKernels* kernels_ = nullptr;
  int32_t rows_ = 0, columns_ = 0;
  std::size_t stride_ = 0;
  int64_t bids_left_ = 0;
  std::vector<float> cost_, potential_;
  std::vector<int32_t> column_of_, row_of_, free_;
};

}  // namespace genmatch
