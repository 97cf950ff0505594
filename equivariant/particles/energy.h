#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/fields.h"
#include "core/tensor.h"

namespace genmatch {

/// What a system's energy is made of; in units of kT, so that the law is proportional to exp(-E).
struct EnergyOptions {
  std::optional<std::string> potential;
  double factor = 1;
  std::optional<double> trap;
  std::string file = {};
  void fields(Fields& f);
  bool stated() const { return potential.has_value(); }
};

class Potential;

/// E(x) = factor U(x) + (trap / 2) sum_i |x_i - mean|^2 of N particles in D dimensions, up to a constant the negative
/// logarithm of a density on clouds with mean zero. U is computed of the cloud moved to mean zero, so that E does not
/// see translations. U is a sum over pairs, invariant under O(D) and permutations, or the user's:
///   double_well    sum_{i<j} 0.9 (d - 4)^4 - 4 (d - 4)^2, no trap. DW4: N = 4, D = 2
///   lennard_jones  sum_{i<j} d^-12 - 2 d^-6, trap 1. LJ13, LJ55: D = 3; published data of LJ13 have the factor 2
///   none           0, trap 1: the standard normal
///   torchscript    a function of x [n, N, D] in a TorchScript file, to energies [n]; no trap
/// Köhler et al. 2020, arXiv 2006.02425, sec. 7; Klein et al. 2023, arXiv 2306.15030, app. A.
class Energy {
 public:
  /// `folder` and `search` are where files are looked for, as in DataContext. OptionError for a potential that is not
  /// stated; DataError for a file that is missing or holds no energy (potential.h).
  Energy(const EnergyOptions& options, int64_t particles, int64_t dim, const std::string& folder = "",
         const std::vector<std::string>& search = {});

  struct Value {
    Tensor energy;  ///< [...]
    Tensor force;   ///< -grad E [..., N, D]; its mean over the particles is zero
  };
  /// At x [..., N, D], in its dtype; no gradients flow. Infinite or NaN where particles coincide.
  Value at(const Tensor& x) const;
  Tensor energy(const Tensor& x) const;  ///< differentiable

  int64_t particles() const { return particles_; }
  int64_t dim() const { return dim_; }
  /// E.g. "lennard_jones factor=2 trap=1, 13 particles in R^3"; with the hash of a file's content.
  std::string describe() const;
  /// Which of permutations, rotations and reflections change it, e.g. "rotations and reflections"; "" if none does. A
  /// user's function is tried on random clouds.
  const std::string& broken_symmetries() const { return broken_; }

 private:
  std::shared_ptr<const Potential> potential_;
  double factor_, trap_;
  int64_t particles_, dim_;
  std::string broken_;
};

/// A data set of which the energy is known.
class HasEnergy {
 public:
  virtual ~HasEnergy() = default;
  virtual const Energy& energy() const = 0;
};

}  // namespace genmatch
