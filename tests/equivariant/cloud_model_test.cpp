#include <gtest/gtest.h>

#include "core/learn/learned_generator.h"
#include "core/learn/model.h"
#include "core/ops.h"
#include "core/process/factor.h"
#include "core/process/source.h"
#include "core/solve/likelihood.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_group.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

struct System {
  int64_t particles, dim;
  Factor factor;
  std::shared_ptr<Model> model;

  System(int64_t n, int64_t d, const std::string& options) : particles(n), dim(d) {
    factor.name = "x";
    factor.space =
        chosen<SpaceChoice>("{type: point_cloud, particles: " + std::to_string(n) + ", dim: " + std::to_string(d) + "}")
            .make();
    factor.source = chosen<SourceChoice>("normal").make(factor.space);
    factor.path = chosen<PathChoice>("linear").make(factor.space, factor.source);
    factor.generators.push_back({chosen<GeneratorChoice>("flow").make(factor.space, factor.path), 1});
    model = chosen<ModelChoice>("{" + options + ", width: 16, depth: 3}")
                .make({{factor.space}, {n * d}, at::TensorOptions(at::kDouble), 1});
    // As if trained: at the start the field is nearly zero, so that nothing would show.
    for (const auto& entry : model->parameters().entries()) {
      at::NoGradGuard no_grad;
      const bool small = entry.name.find("position.out") != std::string::npos || entry.name == "velocity.out.weight";
      if (small) entry.value.mul_(options.find("painn") == std::string::npos ? 30 : 5);
    }
  }
  Tensor velocity(const Tensor& x, const Tensor& t) const {
    at::NoGradGuard no_grad;
    return model->forward({x}, t)[0].reshape(x.sizes());
  }
};

class Equivariance : public testing::TestWithParam<std::string> {};

// v(g x) = g v(x) for rotations, reflections and permutations, and v(x + s) = v(x).
TEST_P(Equivariance, OfTheVelocity) {
  const System system(5, 3, GetParam());
  Rng rng(1, "equivariance");
  const Tensor x = system.factor.space->sample(30, rng, at::kDouble), t = rng.uniform({30}, at::kDouble);
  const Tensor v = system.velocity(x, t);
  EXPECT_GT(v.square().mean().item<double>(), 1e-4);
  EXPECT_LT(v.mean(1).abs().max().item<double>(), 1e-14);
  const CloudGroup group({true, "orthogonal", false, {}}, 5, 3);
  const GroupElements g = group.random(30, rng, at::kDouble);
  EXPECT_TRUE(near(system.velocity(group.act(g, x), t), group.push(g, v), 1e-12));
  EXPECT_TRUE(near(system.velocity(x + rng.normal({30, 1, 3}, at::kDouble), t), v, 1e-12));
  EXPECT_FALSE(near(system.velocity(x, 0.5 * t), v, 1e-6)) << "time is seen";
}

INSTANTIATE_TEST_SUITE_P(Models, Equivariance,
                         testing::Values("type: egnn",
                                         "type: egnn, attention: false, time_features: 0, late_time: true",
                                         "type: egnn, radial_features: 6", "type: painn",
                                         "type: painn, time_features: 0"));

// Values for each particle change places with the particles, numbers of the whole stay; neither turns.
TEST_P(Equivariance, OfInvariantHeads) {
  const SpacePtr cloud = chosen<SpaceChoice>("{type: point_cloud, particles: 4, dim: 3}").make(),
                 charges = chosen<SpaceChoice>("{type: euclidean, dim: 4}").make(),
                 whole = chosen<SpaceChoice>("{type: euclidean, dim: 2}").make();
  const auto model = chosen<ModelChoice>("{" + GetParam() + ", width: 8, depth: 2}")
                         .make({{cloud, charges, whole}, {12, 4, 2}, at::TensorOptions(at::kDouble), 1});
  const at::NoGradGuard no_grad;
  Rng rng(6, "heads");
  const Tensor x = cloud->sample(20, rng, at::kDouble), q = charges->sample(20, rng, at::kDouble),
               w = whole->sample(20, rng, at::kDouble), t = rng.uniform({20}, at::kDouble);
  const CloudGroup group({true, "orthogonal", false, {}}, 4, 3);
  const GroupElements g = group.random(20, rng, at::kDouble);
  const auto renamed = [&](const Tensor& each) { return each.gather(1, CloudGroup::permutation(g)); };
  const auto before = model->forward({x, q, w}, t), after = model->forward({group.act(g, x), renamed(q), w}, t);
  EXPECT_TRUE(near(after[0].reshape({20, 4, 3}), group.act(g, before[0].reshape({20, 4, 3})), 1e-12));
  EXPECT_TRUE(near(after[1], renamed(before[1]), 1e-12));
  EXPECT_TRUE(near(after[2], before[2], 1e-12));
  EXPECT_GT((before[1] - renamed(before[1])).abs().max().item<double>(), 1e-6) << "particles differ";
  EXPECT_GT((model->forward({x, q.flip(1), w}, t)[2] - before[2]).abs().max().item<double>(), 1e-8) << "q is seen";
}

Tensor log_density(const System& system, const Tensor& x) {
  const LearnedGenerator generator({system.factor}, system.model);
  const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 10}").make();
  Rng rng(2, "density");
  return log_density(generator, {system.factor}, {x}, *stepper, {}, rng).log_density;
}

// The density of a flow along an equivariant field from an invariant source is invariant, to rounding, as all steps
// are.
class CloudFlow : public testing::TestWithParam<std::string> {};

TEST_P(CloudFlow, HasAnInvariantDensity) {
  const System system(4, 2, GetParam());
  Rng rng(3, "invariance");
  const Tensor x = 1.5 * system.factor.space->sample(20, rng, at::kDouble);
  const CloudGroup group({true, "orthogonal", false, {}}, 4, 2);
  const GroupElements g = group.random(20, rng, at::kDouble);
  const Tensor density = log_density(system, x);
  EXPECT_TRUE(near(log_density(system, group.act(g, x)), density, 1e-5));
  // It is another density than that of the source.
  EXPECT_FALSE(near(density, system.factor.source->log_density(x), 1e-2));
}

// It integrates to one over the subspace of mean zero, in the measure that the normaliser (N - 1) D / 2 ln 2 pi is for:
// weights against a wider normal law have the mean one.
TEST_P(CloudFlow, HasADensityThatIntegratesToOne) {
  const System system(3, 2, GetParam());
  Rng rng(4, "integral");
  const double width = 1.6;
  const Tensor x = width * system.factor.space->sample(800, rng, at::kDouble);
  const Tensor proposal = system.factor.space->log_base_density(x / width) - 4 * std::log(width);
  const Tensor weight = (log_density(system, x) - proposal).exp();
  const double sem = weight.std().item<double>() / std::sqrt(800.);
  EXPECT_NEAR(weight.mean().item<double>(), 1, 5 * sem);
  EXPECT_LT(sem, 0.1);
}

INSTANTIATE_TEST_SUITE_P(Models, CloudFlow, testing::Values("type: egnn", "type: painn"));

}  // namespace
}  // namespace genmatch
