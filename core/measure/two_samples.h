#pragma once
// What metrics share that compare samples of the model with rows of the test set.
#include <string>

#include "core/measure/evaluation.h"
#include "core/transport/assignment.h"

namespace genmatch {

struct TwoSampleOptions {
  int64_t points = 2000;
  void fields(Fields& f);
};

/// As many samples as test rows, of the factors that move; float64 on the CPU.
struct TwoSamples {
  State model, data;
  int64_t n = 0;
};

/// The first min(points, samples, test rows) of each: both are in random order. Messages begin with `metric`. DataError
/// if there are fewer than two test rows, NumericalError if the solver failed on a sample.
TwoSamples two_samples(Evaluation& evaluation, int64_t points, const std::string& metric);
/// The first min(points, test rows) test rows, of the factors that move; DataError as above.
State test_rows(const Evaluation& evaluation, int64_t points, const std::string& metric);

/// Distances between all rows of a and of b on the product space, the root of the sum of the factors' squares: [N, M].
Tensor distances(const Spaces& spaces, const State& a, const State& b);

/// The optimal transport between two sets of n points that weigh 1/n each, at the cost distance^power.
class OptimalTransport {
 public:
  OptimalTransport(const Spaces& spaces, const State& a, const State& b, double power);
  double cost() const { return cost_; }  ///< per point: W_p^p
  /// How much each point of a and of b adds to the cost to first order, up to a constant: Kantorovich's potentials [n].
  const Tensor& influence_of_a() const { return solution_.row_potentials; }
  const Tensor& influence_of_b() const { return solution_.column_potentials; }

 private:
  Assignment solution_;
  double cost_;
};

/// The standard error of a number to which points of two independent sets of n each add a_i / n and b_j / n.
double standard_error(const Tensor& a, const Tensor& b);
/// The square root of an estimate that is not negative, by the delta method.
Estimate root(const Estimate& e);

/// Refuses (OptionError) spaces that fall apart, where some points are infinitely far from each other.
void check_connected(const Spaces& spaces);
/// Refuses (OptionError) a product that has a factor other than R^d.
void check_euclidean(const Spaces& spaces);
}  // namespace genmatch
