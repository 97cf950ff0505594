#pragma once
#include <memory>
#include <string>

#include "core/tensor.h"

namespace genmatch {

/// The part U of an energy (energy.h) that tells systems apart.
/// Laws (tests/equivariant/energy_test.cpp): 1. forces are -grad U; 2. a cloud's energy does not depend on the others.
class Potential {
 public:
  virtual ~Potential() = default;
  /// U(x) [n] at clouds x [n, N, D] with mean zero; differentiable.
  virtual Tensor energy(const Tensor& x) const = 0;
  struct Value {
    Tensor energy, force;  ///< [n]; -grad U [n, N, D]
  };
  /// The same with forces, without gradients. By default autograd's.
  virtual Value value(const Tensor& x) const;
  /// Identifies the function: two that differ have different ones.
  virtual std::string describe() const = 0;
};

/// "double_well", "lennard_jones" or "none".
std::shared_ptr<const Potential> pair_potential(const std::string& name);

/// A TorchScript function of x [n, N, D] float64 to energies [n], in the file at `path`, tried on random clouds:
/// DataError if it is no such file, fails, wants another dtype, returns something else or NaN, mixes the rows of a
/// batch or has no gradient.
std::shared_ptr<const Potential> script_potential(const std::string& path, int64_t particles, int64_t dim);

}  // namespace genmatch
