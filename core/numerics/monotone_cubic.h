#pragma once
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// The piecewise cubic through points (x_i, y_i) that is monotone wherever the points are, with a continuous
/// derivative (Fritsch & Carlson 1980, SIAM J. Numer. Anal. 17:238). Beyond the ends it goes on as the last piece.
class MonotoneCubic {
 public:
  /// x must rise; as many y, at least two (ContractError).
  MonotoneCubic(const std::vector<double>& x, const std::vector<double>& y);
  Tensor value(const Tensor& x) const;
  Tensor derivative(const Tensor& x) const;

 private:
  struct Place;  // in which piece, and where in it
  Place find(const Tensor& x) const;
  Tensor x_, y_, slope_;  // [n], float64
};

}  // namespace genmatch
