#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "experiments/compare/comparison.h"

namespace genmatch {

namespace {

// second - first at the seeds where both are finite.
std::vector<double> paired_differences(const Spread& first, const Spread& second) {
  std::vector<double> differences;
  for (const auto& [seed, value] : first.by_seed) {
    const auto other = second.by_seed.find(seed);
    if (other == second.by_seed.end()) continue;
    if (std::isfinite(value) && std::isfinite(other->second)) differences.push_back(other->second - value);
  }
  return differences;
}

}  // namespace

PairedTest paired_test(const Spread& first, const Spread& second) {
  const std::vector<double> differences = paired_differences(first, second);
  PairedTest test;
  test.n = static_cast<int64_t>(differences.size());
  test.difference = test.p = test.sem = std::nan("");
  if (test.n == 0) return test;
  const double n = static_cast<double>(test.n);
  // Relative to the first one: the mean of equal differences is then that difference, without rounding.
  test.difference = differences[0];
  for (double d : differences) test.difference += (d - differences[0]) / n;
  if (test.n < 2) return test;
  double squares = 0;
  for (double d : differences) squares += (d - test.difference) * (d - test.difference);
  test.sem = std::sqrt(squares / (n - 1) / n);
  if (test.sem == 0) {
    test.p = test.difference == 0 ? 1 : 0;
    return test;
  }
  const boost::math::students_t t(n - 1);
  test.p = 2 * cdf(complement(t, std::abs(test.difference / test.sem)));
  return test;
}

}  // namespace genmatch
