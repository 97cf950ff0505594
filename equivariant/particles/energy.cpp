#include "equivariant/particles/energy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_group.h"
#include "equivariant/particles/potential.h"

namespace genmatch {
namespace {

std::shared_ptr<const Potential> make_potential(const EnergyOptions& o, int64_t particles, int64_t dim,
                                                const std::string& folder, const std::vector<std::string>& search) {
  if (!o.stated()) throw OptionError("energy", "which potential? write e.g. energy: {potential: double_well}");
  const bool script = o.potential == "torchscript";
  if (script == o.file.empty())
    throw OptionError("energy", script ? "which file? write e.g. energy: {potential: torchscript, file: energy.pt}"
                                       : "file: is for potential: torchscript, not for " + *o.potential);
  if (!script) return pair_potential(*o.potential);
  const std::string obtain = "a TorchScript function of x [n, particles, dim], saved by its method save()";
  return script_potential(find_file(o.file, folder, search, obtain), particles, dim);
}

std::string broken_symmetries(const Energy& energy) {
  constexpr double kRounding = 1e-6;
  constexpr int64_t kClouds = 8;
  const int64_t n = energy.particles(), d = energy.dim();
  Rng rng(0, "energy/symmetries");
  const Tensor x = PointCloud::centred(2 * rng.normal({kClouds, n, d}, at::kDouble)), e = energy.energy(x);
  const auto changed = [&](const Tensor& y) {
    return ((energy.energy(y) - e).abs() > kRounding * (1 + e.abs())).any().item<bool>();
  };
  const auto turned = [&] {
    const CloudGroup turns({false, "special_orthogonal", false, {}}, n, d);
    return turns.act(turns.random(kClouds, rng, at::kDouble), x);
  };
  std::vector<std::string> broken;
  if (changed(x.index_select(1, rng.permutation(n)))) broken.emplace_back("permutations");
  if (d <= 3 && changed(turned())) broken.emplace_back("rotations");
  if (changed(at::cat({-x.narrow(2, 0, 1), x.narrow(2, 1, d - 1)}, 2))) broken.emplace_back("reflections");
  return fmt::format("{}", fmt::join(broken, " and "));
}

}  // namespace

void EnergyOptions::fields(Fields& f) {
  f("potential", potential, "between any two particles, or a function of yours in a TorchScript file",
    one_of({"double_well", "lennard_jones", "none", "torchscript"}));
  f("file", file, "of potential torchscript, looked for as data files are: of x [n, particles, dim] to energies [n]");
  f("factor", factor, "what the potential is multiplied with: its strength in units of kT", above(0));
  f("trap", trap,
    "strength of the harmonic trap about the mean; unless stated 0 for double_well and torchscript, else 1",
    at_least(0));
}

Energy::Energy(const EnergyOptions& options, int64_t particles, int64_t dim, const std::string& folder,
               const std::vector<std::string>& search)
    : potential_(make_potential(options, particles, dim, folder, search)),
      factor_(options.factor),
      trap_(options.trap.value_or(options.potential == "double_well" || options.potential == "torchscript" ? 0 : 1)),
      particles_(particles),
      dim_(dim) {
  if (options.potential == "none" && trap_ == 0) throw OptionError("energy", "nothing keeps the particles together");
  if (options.potential == "torchscript") broken_ = genmatch::broken_symmetries(*this);
}

std::string Energy::describe() const {
  return fmt::format("{} factor={} trap={}, {} particles in R^{}", potential_->describe(), factor_, trap_, particles_,
                     dim_);
}

Energy::Value Energy::at(const Tensor& x) const {
  const at::NoGradGuard no_grad;
  const Tensor centred = PointCloud::centred(x);
  const Potential::Value v = potential_->value(centred.reshape({-1, particles_, dim_}));
  const Tensor held = 0.5 * trap_ * centred.square().sum({-2, -1});
  return {held + factor_ * v.energy.reshape(held.sizes()), factor_ * v.force.reshape(x.sizes()) - trap_ * centred};
}

Tensor Energy::energy(const Tensor& x) const {
  const Tensor centred = PointCloud::centred(x), held = 0.5 * trap_ * centred.square().sum({-2, -1});
  return held + factor_ * potential_->energy(centred.reshape({-1, particles_, dim_})).reshape(held.sizes());
}

}  // namespace genmatch
