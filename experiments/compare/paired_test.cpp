#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "experiments/compare/comparison.h"

namespace genmatch {

PairedTest paired_test(const Spread& first, const Spread& second) {
  std::vector<double> differences;
  for (const auto& [seed, value] : first.by_seed) {
    const auto other = second.by_seed.find(seed);
    if (other != second.by_seed.end()) differences.push_back(other->second - value);
  }
  PairedTest test;
  test.n = static_cast<int64_t>(differences.size());
  test.p = test.sem = std::nan("");
  const double n = static_cast<double>(test.n);
  for (double d : differences) test.difference += d / n;
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
