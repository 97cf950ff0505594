#pragma once
// Means over data points for each row of a batch, computed on blocks of (row, data point) pairs.
#include <vector>

#include "core/process/coefficients.h"
#include "core/tensor.h"

namespace genmatch {

/// Some rows of a batch, or some data points.
struct Range {
  int64_t begin, count;
  Tensor of(const Tensor& x, int64_t dim = 0) const;
  State of(const State& x, int64_t dim = 0) const;
};

/// [0, total) in ranges of at most `size`; a single empty one if total is 0.
std::vector<Range> ranges(int64_t total, int64_t size);

/// x [B, ...] and data [N, ...] as [B * N, ...], row b * N + i holding row b and data point i.
Tensor repeat_rows(const Tensor& x, int64_t data);
Tensor repeat_data(const Tensor& data, int64_t rows);

/// sum_i weights[b, i] c[b * N + i] for weights [B, N]. ContractError for jumps with destinations, which have no mean.
Coefficients weighted_sum(const Tensor& weights, const Coefficients& c);

/// One after another along dim; undefined if the first is.
Tensor joined(const std::vector<Tensor>& parts, int64_t dim);
/// Per factor, along the batch.
std::vector<Coefficients> joined(const std::vector<std::vector<Coefficients>>& parts);

}  // namespace genmatch
