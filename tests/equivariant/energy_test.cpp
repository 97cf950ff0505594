#include "equivariant/particles/energy.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_group.h"
#include "equivariant/particles/pair_kernels.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Energy energy(const std::string& potential, int64_t n, int64_t d, double factor = 1) {
  return Energy({potential, factor, {}}, n, d);
}

// A square of side a has four pairs at a and two at a sqrt(2).
TEST(Energy, OfASquareByHand) {
  const double a = 4;
  const Tensor square = PointCloud::centred(at::tensor({0., 0., a, 0., a, a, 0., a}, at::kDouble).reshape({4, 2}));
  const double z = a * std::sqrt(2.) - 4;
  const double expected = 2 * (0.9 * std::pow(z, 4) - 4 * z * z);
  EXPECT_NEAR(energy("double_well", 4, 2).energy(square).item<double>(), expected, 1e-12);
  // At unit distance the pair has its least energy, -1; three particles at the corners of a triangle.
  const Tensor triangle =
      PointCloud::centred(at::tensor({0., 0., 1., 0., 0.5, std::sqrt(0.75)}, at::kDouble).reshape({3, 2}));
  EXPECT_NEAR(energy("lennard_jones", 3, 2, 2).energy(triangle).item<double>(), 2 * -3 + 0.5 * 3 * (1 / 3.), 1e-12);
  EXPECT_NEAR(energy("none", 3, 2).energy(triangle).item<double>(), 0.5, 1e-12);
}

TEST(Energy, ForceIsTheGradientAndTheEnergyIsInvariant) {
  Rng rng(1, "energy");
  for (const char* potential : {"double_well", "lennard_jones", "none"}) {
    const Energy e = energy(potential, 5, 3, 1.5);
    const Tensor x = PointCloud::centred(2 * rng.normal({20, 5, 3}, at::kDouble)).requires_grad_(true);
    const Tensor gradient = torch::autograd::grad({e.energy(x).sum()}, {x})[0];
    const Energy::Value v = e.at(x.detach());
    EXPECT_TRUE(near(v.energy, e.energy(x), 1e-12)) << potential;
    // Forces between particles that happen to be near are large: relative to the largest of the cloud.
    const Tensor scale = gradient.abs().amax({1, 2}, true).clamp_min(1);
    EXPECT_TRUE(near(v.force / scale, -gradient / scale, 1e-12)) << potential;
    const CloudGroup group({true, "orthogonal", true, {}}, 5, 3);
    const Tensor image = group.act(group.random(20, rng, at::kDouble), x.detach());
    EXPECT_TRUE(near(e.energy(image), v.energy, 1e-9)) << potential;
  }
}

// However wide the vectors, and wherever in the batch a cloud stands: chains must not depend on the processor.
TEST(PairKernels, GiveTheSameBitsOnEveryInstructionSet) {
  Rng rng(2, "kernels");
  for (const int64_t dim : {1, 2, 3}) {
    constexpr int64_t clouds = 21, particles = 5;
    const Tensor x = (2 * rng.normal({clouds, particles, dim}, at::kDouble)).contiguous();
    std::vector<double> scratch(static_cast<std::size_t>(PairKernels::scratch_size(particles, dim)));
    const auto run = [&](PairKernels::Function kernel, int64_t first) {
      const int64_t n = clouds - first;
      const Tensor from = x.narrow(0, first, n), energy = at::empty({n}, at::kDouble), force = at::empty_like(from);
      kernel(from.data_ptr<double>(), n, particles, dim, energy.data_ptr<double>(), force.data_ptr<double>(),
             scratch.data());
      return at::cat({energy.unsqueeze(1), force.flatten(1)}, 1);
    };
    for (const auto law : {&PairKernels::double_well, &PairKernels::lennard_jones}) {
      const Tensor plain = run(pair_kernels(0)->*law, 0);
      EXPECT_TRUE(plain.isfinite().all().item<bool>());
      for (int i = 0; pair_kernels(i) != nullptr; ++i) {
        EXPECT_TRUE(plain.equal(run(pair_kernels(i)->*law, 0))) << pair_kernels(i)->name << " in " << dim;
        EXPECT_TRUE(plain.narrow(0, 3, clouds - 3).equal(run(pair_kernels(i)->*law, 3))) << pair_kernels(i)->name;
      }
    }
  }
}

TEST(Energy, RefusesWhatIsNoSystem) {
  EXPECT_THROW(Energy({}, 4, 2), OptionError);
  EXPECT_THROW(Energy({"none", 1, 0}, 4, 2), OptionError);
}

}  // namespace
}  // namespace genmatch
