#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/data/synthetic_dataset.h"

namespace genmatch {

/// A curve in the plane with a law on it.
struct Curve {
  std::function<Tensor(const Tensor& t)> at;  ///< [n] -> [n, 2]
  double from = 0, to = 1;                    ///< of t
  double speed = 1;                           ///< a bound of |d at / dt|
  double power = 1;                           ///< t = from + (to - from) u^(1 / power) with u uniform on [0, 1)
};

struct CurveOptions : SyntheticOptions {
  double noise, scale;
  std::vector<double> offset{0, 0};
  CurveOptions(double noise, double scale) : noise(noise), scale(scale) {}
  void fields(Fields& f);
};

/// Curves, each a class with an equal share of the points, blurred by Gaussian noise. The density is known to 1e-9 as
/// long as the noise is at least 1e-4 of the curves' length (beyond that the quadrature would take too many nodes).
class CurveDataset : public SyntheticDataset {
 public:
  /// `name` tells the law apart from others, all its options but those of CurveOptions included. OptionError.
  CurveDataset(const CurveOptions& options, const DataContext& context, std::string name, std::vector<Curve> curves);

 private:
  Draw draw(int64_t n, Rng& rng) const final;
  std::string law() const final;
  Tensor log_law(const Tensor& x) const final;
  Tensor log_law_given(const Tensor& x, const Tensor& label) const final;
  Tensor log_density_along(const std::vector<Curve>& curves, const Tensor& x) const;  // equal shares

  std::string name_;
  std::vector<Curve> curves_;
  double noise_, scale_;
  std::vector<double> offset_;
};

}  // namespace genmatch
