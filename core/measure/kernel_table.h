#pragma once
#include <vector>

#include "core/config/catalog.h"
#include "core/tensor.h"

namespace genmatch {

/// Kernels between rows and centres, ready for many concentrations. The kernels of vMF, von Mises and Gaussian type
/// are ln K(x, c; k) = k s(x, c) + b(k): the table holds s, so that a change of k costs no geometry.
class KernelTable {
 public:
  /// x and centres hold one [M, *event], [N, *event] float64 tensor per factor, N >= 1. `largest` is the highest
  /// concentration per factor that will be asked for: s is exact where it matters for that. If `own` (int64 [M]) is
  /// defined, row m leaves out centre own[m]. Takes 4 M N bytes per factor. ContractError if a space's kernel is
  /// not of this form.
  KernelTable(const Spaces& spaces, const State& centres, const State& x, const std::vector<double>& largest,
              const Tensor& own = {});

  /// ln of the mean over centres of the product of kernels: [M] float64; a few parts in a million exact.
  Tensor log_mean(const std::vector<double>& concentrations) const;

 private:
  double peak(std::size_t factor, double concentration) const;  // b(k)
  Tensor statistic(std::size_t factor, const Tensor& x, const Tensor& centres, double concentration) const;
  void check_form(std::size_t factor, const Tensor& x, double largest) const;

  Spaces spaces_;
  State centres_;
  std::vector<Tensor> statistics_;  // s per factor, float32 [M, N]
  int64_t rows_ = 0, used_ = 0;     // M, and how many centres each row uses
};

}  // namespace genmatch
