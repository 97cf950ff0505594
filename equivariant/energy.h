#pragma once
#include <memory>
#include <optional>
#include <string>

#include "core/config/fields.h"
#include "core/tensor.h"

namespace genmatch {

/// What a system's energy is made of; in units of kT, so that the law is proportional to exp(-E).
struct EnergyOptions {
  std::optional<std::string> potential;
  double factor = 1;
  std::optional<double> trap;
  void fields(Fields& f);
  bool stated() const { return potential.has_value(); }
};

/// E(x) = factor sum_{i<j} phi(|x_i - x_j|) + (trap / 2) sum_i |x_i - mean|^2 of N particles in D dimensions, up to a
/// constant the negative logarithm of a density on clouds with mean zero. All pairs are alike, so that E is invariant
/// under O(D), permutations and translations.
///   double_well    phi(d) = 0.9 (d - 4)^4 - 4 (d - 4)^2, no trap. DW4: N = 4, D = 2
///   lennard_jones  phi(d) = d^-12 - 2 d^-6, trap 1. LJ13, LJ55: D = 3; published data of LJ13 have the factor 2
///   none           phi = 0, trap 1: the standard normal
/// Köhler et al. 2020, arXiv 2006.02425, sec. 7; Klein et al. 2023, arXiv 2306.15030, app. A.
class Energy {
 public:
  /// OptionError for a potential that is not stated.
  Energy(const EnergyOptions& options, int64_t particles, int64_t dim);

  struct Value {
    Tensor energy;  ///< [...]
    Tensor force;   ///< -grad E [..., N, D]; its mean over the particles is zero
  };
  /// At x [..., N, D], in its dtype. Infinite or NaN where particles coincide.
  Value at(const Tensor& x) const;
  Tensor energy(const Tensor& x) const;  ///< differentiable

  int64_t particles() const { return particles_; }
  int64_t dim() const { return dim_; }
  std::string describe() const;  ///< e.g. "lennard_jones factor=2 trap=1, 13 particles in R^3"

 private:
  // Of squared distances q: phi(sqrt(q)) and, if asked for, its derivative with respect to q.
  struct Pairs {
    Tensor value, slope;
  };
  Pairs pairs(const Tensor& q, bool slope) const;
  Tensor differences(const Tensor& x) const;  // x_i - x_j, i < j: [..., N (N - 1) / 2, D]

  std::string potential_;
  double factor_, trap_;
  int64_t particles_, dim_;
  Tensor incidence_;  // [pairs, N]: +1 for i, -1 for j
};

/// A data set of which the energy is known.
class HasEnergy {
 public:
  virtual ~HasEnergy() = default;
  virtual const Energy& energy() const = 0;
};

}  // namespace genmatch
