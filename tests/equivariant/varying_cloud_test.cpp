// Clouds whose number of particles varies. The oracle of all of it: a cloud of n of N particles is a cloud of n.
#include <gtest/gtest.h>

#include <cmath>

#include "core/config/catalog.h"
#include "core/data/coupling.h"
#include "core/data/dataset.h"
#include "core/data/npy.h"
#include "core/errors.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "core/process/factor.h"
#include "core/process/source.h"
#include "core/solve/likelihood.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_group.h"
#include "tests/chosen.h"
#include "tests/manifold_sampling.h"
#include "tests/temporary_folder.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr int64_t kMost = 6, kDim = 3;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

const char* const kSpace = "{type: point_cloud, particles: 6, dim: 3, fewest: 2}";

// Points whose particles are in the given rows, and the same points without the other rows.
struct Pieces {
  std::vector<int64_t> rows;
  PointCloud small;
  Tensor index;
  explicit Pieces(const std::vector<int64_t>& used)
      : rows(used), small({static_cast<int64_t>(used.size()), kDim}), index(at::tensor(used, at::kLong)) {}
  Tensor compact(const Tensor& x) const { return x.index_select(-2, index); }
  Tensor padded(const Tensor& x) const {
    Shape shape = x.sizes().vec();
    shape[shape.size() - 2] = kMost;
    return at::zeros(shape, x.options()).index_copy(-2, index, x);
  }
};

class VaryingCloud : public testing::TestWithParam<std::vector<int64_t>> {
 protected:
  Pieces of{GetParam()};
  PointCloud cloud{{kMost, kDim, 2}};
  Rng rng{1, "varying"};
  Tensor draw(int64_t n) { return of.small.sample(n, rng, at::kDouble); }
};

TEST_P(VaryingCloud, IsTheManifoldOfItsParticles) {
  const Tensor x = draw(20), y = draw(20), px = of.padded(x), py = of.padded(y);
  EXPECT_TRUE(cloud.dim_at(px).eq(static_cast<double>(of.small.dim())).all().item<bool>());
  EXPECT_TRUE(all_at_most(cloud.violation(px), 1e-14));
  EXPECT_TRUE(near(cloud.log_base_density(px), of.small.log_base_density(x), 1e-12));
  EXPECT_TRUE(near(cloud.log_kernel(px, py, 3), of.small.log_kernel(x, y, 3), 1e-12));
  EXPECT_TRUE(near(cloud.log(px, py), of.padded(of.small.log(x, y)), 1e-14));
  EXPECT_TRUE(near(cloud.distance(px, py), of.small.distance(x, y), 1e-14));
  const Tensor v = rng.normal({20, kMost, kDim}, at::kDouble), tangent = cloud.to_tangent(px, v);
  EXPECT_TRUE(near(tangent, of.padded(of.small.to_tangent(x, of.compact(v))), 1e-14));
  EXPECT_TRUE(near(cloud.exp(px, tangent), of.padded(of.small.exp(x, of.compact(tangent))), 1e-14));
  EXPECT_TRUE(near(cloud.to_tangent_jvp(px, v, v, v), tangent, 1e-14));
  EXPECT_TRUE(near(cloud.project(px + of.padded(at::full_like(x, 7))), px, 1e-13));
}

// The vectors that are not zero are orthonormal and span the tangent space.
TEST_P(VaryingCloud, HasABasisAtEachPoint) {
  const Tensor x = of.padded(draw(3));
  const Tensor basis = cloud.tangent_basis(x).flatten(-2).transpose(0, 1);  // [3, dim, N D]
  ASSERT_EQ(basis.size(1), cloud.dim());
  const Tensor gram = at::matmul(basis, basis.transpose(1, 2)), lengths = gram.diagonal(0, 1, 2);
  EXPECT_TRUE(near(gram, at::diag_embed(lengths.gt(0.5).to(at::kDouble)), 1e-14));
  EXPECT_TRUE(lengths.gt(0.5).sum(1).eq(of.small.dim()).all().item<bool>());
  const Tensor v = rng.normal({3, kMost * kDim}, at::kDouble);
  const Tensor within = at::matmul(v.unsqueeze(1), at::matmul(basis.transpose(1, 2), basis)).squeeze(1);
  EXPECT_TRUE(near(within, cloud.to_tangent(x, v.reshape({3, kMost, kDim})).flatten(1), 1e-13));
}

// In the component of another, a draw of the base law follows the base law there: covariance 1 - 1/n of particles.
TEST_P(VaryingCloud, TakesTheBaseLawToAComponent) {
  constexpr int64_t count = 20000;
  const Tensor like = of.padded(draw(1)).expand({count, kMost, kDim});
  const Tensor x = cloud.in_component_of(like, cloud.sample(count, rng, at::kDouble));
  EXPECT_TRUE(cloud.component(x).equal(cloud.component(like)));
  const Tensor one = of.compact(x).transpose(1, 2).flatten(0, 1);  // [count D, n]
  const Tensor covariance = at::matmul(one.t(), one) / static_cast<double>(one.size(0));
  const auto n = static_cast<double>(of.rows.size());
  const Tensor expected = at::eye(one.size(1), at::kDouble) - 1 / n;
  EXPECT_TRUE(near(covariance, expected, 5 * std::sqrt(2. / static_cast<double>(one.size(0)))));
}

INSTANTIATE_TEST_SUITE_P(Components, VaryingCloud,
                         testing::Values(std::vector<int64_t>{0, 1}, std::vector<int64_t>{1, 3, 4, 5},
                                         std::vector<int64_t>{2, 5}, std::vector<int64_t>{0, 1, 2, 3, 4, 5}));

TEST(VaryingClouds, OfDifferentNumbersAreInfinitelyFarApart) {
  const PointCloud cloud({kMost, kDim, 2});
  Rng rng(2, "apart");
  const Pieces two({0, 1}), three({0, 1, 2});
  const Tensor x = two.padded(two.small.sample(4, rng, at::kDouble)),
               y = three.padded(three.small.sample(4, rng, at::kDouble));
  EXPECT_TRUE(cloud.distance(x, y).eq(kInfinity).all().item<bool>());
  EXPECT_TRUE(cloud.log_kernel(x, y, 1).eq(-kInfinity).all().item<bool>());
  EXPECT_TRUE(
      cloud.violation(two.padded(at::zeros({1, 2, kDim}, at::kDouble)) + at::eye(kMost, kDim, at::kDouble).unsqueeze(0))
          .gt(1e-3)
          .all()
          .item<bool>())
      << "one particle is too few";
  EXPECT_THROW(chosen<SpaceChoice>("{type: point_cloud, particles: 3, fewest: 4}").make(), ConfigError);
}

TEST(VaryingClouds, AreReadFromPaddedArrays) {
  const TemporaryFolder folder;
  Rng rng(3, "padded");
  Tensor raw = rng.normal({30, kMost, kDim}, at::kDouble);
  raw.select(1, 5).fill_(std::nan(""));
  raw.slice(0, 10).select(1, 2).fill_(std::nan(""));
  raw.select(0, 0).select(0, 1).zero_();                         // a particle at the origin, before centring
  raw.select(0, 1).narrow(0, 0, 5).copy_(at::zeros({5, kDim}));  // and all of one cloud
  write_npy(folder.path() + "/a.npy", raw);
  const SpacePtr space = chosen<SpaceChoice>(kSpace).make();
  const auto data = [&](const std::string& format) {
    return chosen<DatasetChoice>("{type: npy, file: a.npy" + format + "}").make({{space}, folder.path(), {}});
  };
  const Tensor x = data(", format: padded")->rows().x[0];
  const Tensor there = space->component(x), expected = raw.isnan().all(-1).logical_not().to(at::kDouble);
  EXPECT_TRUE(there.narrow(0, 0, 1).equal(expected.narrow(0, 0, 1)));
  EXPECT_TRUE(there.slice(0, 2).equal(expected.slice(0, 2)));
  EXPECT_TRUE(all_at_most(space->violation(x), 1e-14));
  const Tensor three = raw[20].index_select(0, at::tensor({0, 1, 3, 4}, at::kLong));
  EXPECT_TRUE(near(x[20].index_select(0, at::tensor({0, 1, 3, 4}, at::kLong)), PointCloud::centred(three), 1e-14));
  EXPECT_THROW(data(", format: projected")->rows(), DataError) << "NaN without padding";
  for (const int64_t left : {0, 1}) {
    Tensor lonely = raw.clone();
    lonely[3].narrow(0, left, kMost - left).fill_(std::nan(""));
    write_npy(folder.path() + "/a.npy", lonely);
    EXPECT_THROW(data(", format: padded")->rows(), DataError) << left << " particles";
  }
  raw[7][0][1] = std::nan("");
  write_npy(folder.path() + "/a.npy", raw);
  EXPECT_THROW(data(", format: padded")->rows(), DataError) << "half a particle";
  const SpacePtr fixed = chosen<SpaceChoice>("{type: point_cloud, particles: 6, dim: 3}").make();
  EXPECT_THROW(chosen<DatasetChoice>("{type: npy, file: a.npy, format: padded}").make({{fixed}, folder.path(), {}}),
               ConfigError);
}

Factor factor_on(const std::string& space) {
  Factor factor;
  factor.name = "x";
  factor.space = chosen<SpaceChoice>(space).make();
  factor.source = chosen<SourceChoice>("normal").make(factor.space);
  factor.path = chosen<PathChoice>("linear").make(factor.space, factor.source);
  factor.generators.push_back({chosen<GeneratorChoice>("flow").make(factor.space, factor.path), 1});
  return factor;
}

std::shared_ptr<Model> model_on(const Factor& factor, const std::string& options, at::ScalarType type) {
  const auto model = chosen<ModelChoice>("{" + options + ", width: 16, depth: 2}")
                         .make({{factor.space}, {factor.space->event_size()}, at::TensorOptions(type), 1});
  const at::NoGradGuard no_grad;
  for (const auto& entry : model->parameters().entries())
    if (entry.name.find("position.out") != std::string::npos || entry.name == "velocity.out.weight")
      entry.value.mul_(10);  // as if trained
  return model;
}

Tensor log_density(const Factor& factor, const std::shared_ptr<Model>& model, const Tensor& x) {
  const LearnedGenerator generator({factor}, model);
  const auto stepper = chosen<StepperChoice>("{type: rk4, steps: 6}").make();
  Rng rng(2, "density");
  return log_density(generator, {factor}, {x}, *stepper, {}, rng).log_density;
}

// Both ways of the messages: tensor operations (float64) and kernels (float32).
TEST(VaryingClouds, NetworksAndDensitiesAreThoseOfTheParticles) {
  const Factor varying = factor_on(kSpace), fixed = factor_on("{type: point_cloud, particles: 4, dim: 3}");
  const Pieces of({1, 2, 4, 5});
  Rng rng(4, "network");
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    const double tolerance = type == at::kDouble ? 1e-12 : 2e-5;
    const std::string options = "type: egnn, radial_features: 5";
    const auto wide = model_on(varying, options, type), narrow = model_on(fixed, options, type);
    const Tensor x = of.small.sample(12, rng, type), t = rng.uniform({12}, type);
    const at::NoGradGuard no_grad;
    const Tensor v = narrow->forward({x}, t)[0].reshape({12, 4, kDim});
    EXPECT_GT(v.abs().max().item<double>(), 1e-2);
    EXPECT_TRUE(near(wide->forward({of.padded(x)}, t)[0].reshape({12, kMost, kDim}), of.padded(v), tolerance));
    EXPECT_TRUE(near(log_density(varying, wide, of.padded(x)), log_density(fixed, narrow, x), 100 * tolerance));
  }
}

// PaiNN divides by the number that there may be; that apart, what is not there is not heard.
TEST(VaryingClouds, EmptyRowsAreNotHeard) {
  const Factor varying = factor_on(kSpace);
  Rng rng(5, "heard");
  const Pieces of({0, 1, 2}), elsewhere({1, 3, 5});
  for (const char* const options : {"type: painn", "type: egnn"})
    for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
      const auto model = model_on(varying, options, type);
      const Tensor x = of.small.sample(7, rng, type), t = rng.uniform({7}, type);
      const at::NoGradGuard no_grad;
      const auto velocity = [&](const Pieces& rows) {
        return rows.compact(model->forward({rows.padded(x)}, t)[0].reshape({7, kMost, kDim}));
      };
      EXPECT_TRUE(near(velocity(of), velocity(elsewhere), type == at::kDouble ? 1e-13 : 1e-5));
      // Two particles far from the third: it alone hears next to nothing that the empty rows at the origin say.
      Tensor far = at::zeros({1, kMost, kDim}, type);
      far[0][0][0] = 1, far[0][1][0] = -1;
      const Tensor pair = model->forward({far}, t.narrow(0, 0, 1))[0].reshape({kMost, kDim});
      EXPECT_TRUE(near(pair[0], -pair[1], 1e-6));
      EXPECT_EQ(pair.narrow(0, 2, 4).abs().max().item<double>(), 0);
    }
}

TEST(VaryingClouds, AreAlignedParticleToParticle) {
  const SpacePtr space = chosen<SpaceChoice>(kSpace).make();
  const auto group = chosen<GroupChoice>("cloud").make(space);
  Rng rng(6, "align");
  const Pieces three({0, 2, 5}), four({0, 1, 2, 3});
  const Tensor x = at::cat(
      {three.padded(three.small.sample(10, rng, at::kDouble)), four.padded(four.small.sample(10, rng, at::kDouble))});
  const Tensor y = group->act(group->random(20, rng, at::kDouble), x);
  const Alignment found = group->align(x, y, {20, 20});
  EXPECT_TRUE(near(group->act(found.element, y), x, 1e-6));
  EXPECT_TRUE(all_at_most(found.squared_distance, 1e-10));
  const Tensor all = group->squared_orbit_distances(x, x, {1, 20});
  EXPECT_TRUE(all.narrow(0, 0, 10).narrow(1, 10, 10).eq(kInfinity).all().item<bool>());
  EXPECT_TRUE(all.narrow(0, 0, 10).narrow(1, 0, 10).isfinite().all().item<bool>());
  EXPECT_THROW(chosen<GroupChoice>("{type: cloud, species: [0, 0, 0, 1, 1, 1]}").make(space), ConfigError);
}

// A pair has particles in the same rows, whatever the coupling exchanges.
TEST(VaryingClouds, AreCoupledWithinTheirComponents) {
  const Factor factor = factor_on(kSpace);
  Rng rng(7, "coupled");
  const Pieces two({0, 1}), three({0, 1, 2}), five({0, 1, 2, 3, 4});
  State x1{
      at::cat({two.padded(two.small.sample(9, rng, at::kDouble)), three.padded(three.small.sample(1, rng, at::kDouble)),
               five.padded(five.small.sample(14, rng, at::kDouble))})};
  x1 = {x1[0].index_select(0, rng.permutation(24))};
  for (const char* const name :
       {"independent", "optimal_transport", "entropic", "partial", "equivariant_optimal_transport"}) {
    const auto coupling = chosen<CouplingChoice>(name).make({factor.space});
    const State x0 = sample_source_for({factor}, x1, rng);
    EXPECT_TRUE(factor.space->component(x0[0]).equal(factor.space->component(x1[0])));
    const Pair pair = coupling->couple({x0, x1}, rng);
    EXPECT_TRUE(factor.space->distance(pair.x0[0], pair.x1[0]).isfinite().all().item<bool>()) << name;
    EXPECT_EQ(pair.x0[0].equal(x0[0]), std::string(name) == "independent") << name;
  }
  EXPECT_THROW(chosen<CouplingChoice>("semi_discrete").make({factor.space}), ConfigError);
}

// Samples have numbers of particles as the rows that are given have them: 1/4 have two, 3/4 five.
TEST(VaryingClouds, SamplesHaveTheNumbersOfTheRows) {
  Factor factor = factor_on(kSpace);
  Rng rng(8, "numbers");
  const Pieces two({0, 1}), five({0, 1, 2, 3, 4});
  factor.components = at::cat(
      {two.padded(two.small.sample(5, rng, at::kDouble)), five.padded(five.small.sample(15, rng, at::kDouble))});
  const Tensor x = sample_source({factor}, 4000, rng, at::kDouble)[0], n = factor.space->component(x).sum(-1);
  EXPECT_TRUE(n.eq(2).logical_or(n.eq(5)).all().item<bool>());
  EXPECT_NEAR(n.eq(2).to(at::kDouble).mean().item<double>(), 0.25, 5 * std::sqrt(0.25 * 0.75 / 4000));
  EXPECT_TRUE(all_at_most(factor.space->violation(x), 1e-14));
}

}  // namespace
}  // namespace genmatch
