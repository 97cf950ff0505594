#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/learn/model.h"
#include "core/ops.h"
#include "core/process/factor.h"
#include "core/process/manifold.h"
#include "core/process/source.h"
#include "core/solve/likelihood.h"
#include "core/solve/stepper.h"
#include "equivariant/groups/group.h"
#include "tests/chosen.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

// Narrow features and many of them, so that the inner field has no symmetry of its own.
const std::string kMlp = "{type: mlp, width: 24, depth: 2, time_features: 1, position_features: 8}";

struct System {
  Factor factor;
  std::shared_ptr<Model> model;
  std::shared_ptr<Group> group;

  System(const std::string& space, const std::string& model_yaml, const std::string& group_yaml) {
    factor.name = "x";
    factor.space = chosen<SpaceChoice>(space).make();
    factor.source = chosen<SourceChoice>("uniform").make(factor.space);
    factor.path = chosen<PathChoice>("geodesic").make(factor.space, factor.source);
    factor.generators.push_back({chosen<GeneratorChoice>("flow").make(factor.space, factor.path), 1});
    model = chosen<ModelChoice>(model_yaml)
                .make({{factor.space}, {factor.space->event_size()}, at::TensorOptions(at::kDouble), 1});
    for (const auto& entry : model->parameters().entries())  // the field of a fresh network is nearly zero
      if (entry.name.find("output.weight") != std::string::npos) at::Tensor(entry.value.detach()).mul_(100);
    group = chosen<GroupChoice>(group_yaml).make(factor.space);
  }
  Tensor velocity(const Tensor& x, const Tensor& t) const {
    return LearnedGenerator({factor}, model).at({x}, t)[0].drift.detach();
  }
  Tensor log_density(const Tensor& x) const {
    const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 10}").make();
    Rng rng(2, "density");
    return genmatch::log_density(LearnedGenerator({factor}, model), {factor}, {x}, *stepper, {}, rng).log_density;
  }
};

std::string symmetrised(const std::string& group) {
  return "{type: symmetrised, group: " + group + ", model: " + kMlp + "}";
}

struct SymmetryCase {
  std::string space, group;
};

class Symmetrised : public testing::TestWithParam<SymmetryCase> {};

TEST_P(Symmetrised, HasAnEquivariantField) {
  const auto& [space, group] = GetParam();
  const System system(space, symmetrised(group), group), plain(space, kMlp, group);
  Rng rng(1, "equivariance");
  const Tensor x = system.factor.space->sample(30, rng, at::kDouble), t = rng.uniform({30}, at::kDouble);
  const GroupElements g = system.group->random(30, rng, at::kDouble);
  const Tensor v = system.velocity(x, t), image = system.group->act(g, x);
  EXPECT_GT(v.square().mean().item<double>(), 1e-3);
  EXPECT_TRUE(near(system.velocity(image, t), system.group->push(g, v), 1e-12));
  EXPECT_FALSE(near(plain.velocity(image, t), system.group->push(g, plain.velocity(x, t)), 1e-2)) << "by itself";
}

// From an invariant source; to rounding, as all steps are.
TEST_P(Symmetrised, GivesTheFlowAnInvariantDensity) {
  const auto& [space, group] = GetParam();
  const System system(space, symmetrised(group), group);
  Rng rng(2, "invariance");
  const Tensor x = system.factor.space->sample(12, rng, at::kDouble), density = system.log_density(x);
  const Tensor image = system.group->act(system.group->random(12, rng, at::kDouble), x);
  EXPECT_TRUE(near(system.log_density(image), density, 1e-5));
  EXPECT_FALSE(near(density, system.factor.source->log_density(x), 1e-2)) << "the flow does nothing";
}

// The mean over the group takes nothing from a field that is equivariant already.
TEST_P(Symmetrised, KeepsWhatIsEquivariant) {
  const auto& [space, group] = GetParam();
  const System once(space, symmetrised(group), group),
      twice(space, "{type: symmetrised, group: " + group + ", model: " + symmetrised(group) + "}", group);
  Rng rng(3, "projection");
  const Tensor x = once.factor.space->sample(10, rng, at::kDouble), t = rng.uniform({10}, at::kDouble);
  EXPECT_TRUE(near(twice.velocity(x, t), once.velocity(x, t), 1e-12));
}

INSTANTIATE_TEST_SUITE_P(
    Groups, Symmetrised,
    testing::Values(SymmetryCase{"so3", "crystal"}, SymmetryCase{"so3", "{type: crystal, symmetry: T, sample: C2}"},
                    SymmetryCase{"{type: periodic_cloud, particles: 2, dim: 2}",
                                 "{type: periodic, permutations: false, translations: false, axes: "
                                 "all}"}),
    [](const auto& info) { return std::to_string(info.index); });

TEST(SymmetrisedModel, RefusesWhatItCannotTurn) {
  const SpacePtr cloud = chosen<SpaceChoice>("{type: point_cloud, particles: 3, dim: 2}").make(),
                 so3 = chosen<SpaceChoice>("so3").make();
  const auto make = [](const std::string& yaml, const Spaces& spaces, const std::vector<int64_t>& heads) {
    chosen<ModelChoice>(yaml).make({spaces, heads, at::TensorOptions(at::kDouble), 1});
  };
  EXPECT_THROW(make("{type: symmetrised, group: cloud}", {cloud}, {6}), ConfigError) << "infinite";
  EXPECT_THROW(make("symmetrised", {cloud}, {6}), ConfigError) << "another space";
  EXPECT_THROW(make("symmetrised", {so3}, {4}), ConfigError) << "no vectors";
  EXPECT_THROW(make("symmetrised", {so3, so3}, {9, 9}), ConfigError) << "two factors";
}

}  // namespace
}  // namespace genmatch
