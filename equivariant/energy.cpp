#include "equivariant/energy.h"

#include <fmt/format.h>

#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/point_cloud.h"

namespace genmatch {
namespace {

Tensor incidence(int64_t n) {
  const Tensor ends = at::triu_indices(n, n, 1), pair = at::arange(ends.size(1), at::kLong);
  Tensor matrix = at::zeros({ends.size(1), n}, at::kDouble);
  matrix.index_put_({pair, ends[0]}, at::ones({}, at::kDouble));
  matrix.index_put_({pair, ends[1]}, -at::ones({}, at::kDouble));
  return matrix;
}

}  // namespace

void EnergyOptions::fields(Fields& f) {
  f("potential", potential, "between any two particles", one_of({"double_well", "lennard_jones", "none"}));
  f("factor", factor, "what the potential is multiplied with: its strength in units of kT", above(0));
  f("trap", trap, "strength of the harmonic trap about the mean; unless stated 0 for double_well, else 1", at_least(0));
}

Energy::Energy(const EnergyOptions& options, int64_t particles, int64_t dim)
    : potential_(options.potential.value_or("")),
      factor_(options.factor),
      trap_(options.trap.value_or(potential_ == "double_well" ? 0 : 1)),
      particles_(particles),
      dim_(dim),
      incidence_(incidence(particles)) {
  if (!options.stated()) throw OptionError("energy", "which potential? write e.g. energy: {potential: double_well}");
  if (potential_ == "none" && trap_ == 0) throw OptionError("energy", "nothing keeps the particles together");
}

std::string Energy::describe() const {
  return fmt::format("{} factor={} trap={}, {} particles in R^{}", potential_, factor_, trap_, particles_, dim_);
}

Tensor Energy::differences(const Tensor& x) const { return at::matmul(incidence_.to(x.options()), x); }

Energy::Pairs Energy::pairs(const Tensor& q, bool slope) const {
  if (potential_ == "double_well") {
    const Tensor d = q.sqrt(), z = d - 4, square = z.square();
    return {square * (0.9 * square - 4), slope ? z * (1.8 * square - 4) / d : Tensor()};
  }
  const Tensor inverse = q.reciprocal(), sixth = inverse * inverse * inverse;  // d^-6
  return {sixth * (sixth - 2), slope ? 6 * sixth * (1 - sixth) * inverse : Tensor()};
}

Energy::Value Energy::at(const Tensor& x) const {
  const Tensor centred = PointCloud::centred(x);
  Value all{0.5 * trap_ * centred.square().sum({-2, -1}), -trap_ * centred};
  if (potential_ == "none") return all;
  const Tensor delta = differences(x);
  const Pairs p = pairs(delta.square().sum(-1), true);
  all.energy = all.energy + factor_ * p.value.sum(-1);
  const Tensor pull = (2 * factor_ * p.slope).unsqueeze(-1) * delta;
  all.force = all.force - at::matmul(incidence_.to(x.options()).t(), pull);
  return all;
}

Tensor Energy::energy(const Tensor& x) const {
  const Tensor held = 0.5 * trap_ * PointCloud::centred(x).square().sum({-2, -1});
  if (potential_ == "none") return held;
  return held + factor_ * pairs(differences(x).square().sum(-1), false).value.sum(-1);
}

}  // namespace genmatch
