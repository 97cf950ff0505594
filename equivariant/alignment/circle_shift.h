#pragma once
#include <vector>

namespace genmatch {

struct CircleShift {
  double shift = 0;             ///< s
  double squared_distance = 0;  ///< sum_i |d_i - s|^2
};

/// The s that minimises the sum of squared distances from s to points d_i of a circle of the given length, each along
/// the shorter arc; exact, O(n log n). The sum is quadratic between the points opposite to the d_i: laid out on a line
/// from one of n cuts, the d_i have their mean as the best s, and one of the cuts is that of the best s on the circle.
/// Sorts d. Hotz & Huckemann 2015, doi:10.1007/s10463-013-0444-7. At least one point.
CircleShift best_shift(std::vector<double>& d, double length);

}  // namespace genmatch
