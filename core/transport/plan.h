#pragma once
// Transport plans: matrices of weights >= 0, row i going to column j by plan[i, j].
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// What to multiply masses by so that none exceeds what is wanted: min(1, wanted / got).
Tensor at_most_one(const Tensor& wanted, const Tensor& got);

/// The plan nearby that has exactly these marginals, which are of the same total; |difference|_1 is at most twice the
/// error of the marginals (Altschuler et al. 2017, arXiv 1705.09634, algorithm 2 and lemma 7).
Tensor with_marginals(const Tensor& plan, const Tensor& a, const Tensor& b);

/// For each row of a plan [n, m] of weights >= 0, a column drawn with probability proportional to its weight: int64
/// [n]. Columns without weight are never drawn; ContractError for a row without any.
Tensor draw_columns(const Tensor& plan, Rng& rng);

/// As many places as there are weights [n], drawn in proportion to them: at even distances of the cumulated weight from
/// a random start, in rising order, so that a place comes n w / sum(w) times, rounded up or down, and each of n equal
/// ones once. int64 [n]; ContractError without any weight.
Tensor draw_evenly(const Tensor& weights, Rng& rng);

}  // namespace genmatch
