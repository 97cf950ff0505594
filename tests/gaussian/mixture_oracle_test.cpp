#include "core/process/mixture_oracle.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/errors.h"
#include "core/process/exact_generator.h"
#include "core/solve/likelihood.h"
#include "tests/conformance/kolmogorov.h"
#include "tests/conformance/process_case.h"
#include "tests/gaussian/mixture_problem.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Tensor times(const Tensor& x, double t) { return at::full({x.size(0)}, t, x.options()); }

TEST(MixtureOracle, ScoreIsTheGradientOfTheLogDensity) {
  const MixtureProblem problem(std::make_shared<Circle>());
  for (const double t : {0., 0.4, 1.}) {
    const Tensor x = 2 * problem.start(50)[0].detach().requires_grad_(true);
    const Tensor gradient = torch::autograd::grad({problem.oracle->log_density(x, times(x, t)).sum()}, {x})[0];
    EXPECT_TRUE(near(problem.oracle->score(x, times(x, t)), gradient, 1e-10)) << t;
  }
}

TEST(MixtureOracle, DensityIntegratesToOne) {
  const MixtureProblem problem(std::make_shared<Straight>());
  const double h = 0.05;
  const Tensor line = at::arange(-8, 8, h, at::kDouble);
  const std::vector<Tensor> mesh = at::meshgrid({line, line}, "ij");
  const Tensor x = at::stack({mesh[0].flatten(), mesh[1].flatten()}, 1);
  for (const double t : {0., 0.5, 1.})
    EXPECT_NEAR(problem.oracle->log_density(x, times(x, t)).exp().sum().item<double>() * h * h, 1, 1e-6) << t;
}

TEST(MixtureOracle, VelocityCarriesTheLaw) {
  for (const SchedulePtr& schedule :
       {SchedulePtr(std::make_shared<Straight>()), SchedulePtr(std::make_shared<Circle>()),
        SchedulePtr(std::make_shared<VariancePreserving>())}) {
    const MixtureProblem problem(schedule);
    Rng rng(1, "functions");
    const TestFunctions f(spaces(problem.factors), 32, rng);
    const auto sample = [&](double t) {
      Rng common(2, "points");
      return State{problem.oracle->sample(4000, t, common, at::kDouble)};
    };
    for (const double sign : {1., -1.}) {
      const auto generator = [&](const State& x, const Tensor& t) {
        return std::vector<Coefficients>{scale(problem.oracle->at(x, t)[0], sign)};
      };
      for (const double t : {0.2, 0.5, 0.9})
        EXPECT_EQ(rejected(kolmogorov_scores(sample, generator, f, spaces(problem.factors), t)), sign < 0) << t;
    }
  }
}

TEST(MixtureOracle, WithoutSpreadItIsTheExactGeneratorOfItsMeans) {
  const GaussianMixture m = three_components();
  const Factors factors =
      make_factors({"{space: {type: euclidean, dim: 2}, source: normal, path: linear, generator: flow}"});
  const ExactGenerator exact(factors, {m.means}, m.weights);
  const MixtureOracle oracle({m.weights, m.means, at::zeros_like(m.covariances)}, std::make_shared<Straight>());
  const Tensor x = MixtureProblem(std::make_shared<Straight>()).start(40)[0];
  for (const double t : {0., 0.3, 0.8}) {
    EXPECT_TRUE(near(oracle.velocity(x, times(x, t)), exact.at({x}, times(x, t))[0].drift, 1e-9));
    EXPECT_TRUE(near(oracle.log_density(x, times(x, t)), exact.log_density({x}, times(x, t)), 1e-9));
  }
}

TEST(MixtureOracle, LikelihoodOfTheFlowIsItsDensity) {
  for (const SchedulePtr& schedule :
       {SchedulePtr(std::make_shared<Straight>()), SchedulePtr(std::make_shared<Circle>())}) {
    const MixtureProblem problem(schedule);
    Rng rng(4, "data");
    const Tensor x = problem.oracle->sample(60, 1, rng, at::kDouble);
    const auto stepper = chosen<StepperChoice>("{type: dopri5, tolerance: 1e-8}").make();
    const Likelihood got = log_density(*problem.oracle, problem.factors, {x}, *stepper, {}, rng);
    EXPECT_TRUE(near(got.log_density, problem.oracle->log_density(x, times(x, 1)), 1e-5));
  }
}

TEST(MixtureOracle, BothEndsAreFiniteInFloat32) {
  const GaussianMixture points{at::ones({2}), at::tensor({1.f, 0.f, -1.f, 2.f}).reshape({2, 2}), at::zeros({2, 2, 2})};
  const MixtureOracle oracle(points, std::make_shared<Circle>());
  const Tensor x = MixtureProblem(std::make_shared<Circle>()).start(20)[0].to(at::kFloat);
  for (const double t : {0., 1.}) {
    EXPECT_TRUE(finite(oracle.velocity(x, times(x, t))));
    EXPECT_TRUE(finite(oracle.score(x, times(x, t))));
  }
}

TEST(MixtureOracle, RefusesWhatIsNoMixture) {
  const SchedulePtr schedule = std::make_shared<Straight>();
  const GaussianMixture good = three_components();
  const auto build = [&](const GaussianMixture& m) { return MixtureOracle(m, schedule); };
  EXPECT_NO_THROW(build(good));
  EXPECT_THROW(build({good.weights.slice(0, 0, 2), good.means, good.covariances}), ContractError);
  EXPECT_THROW(build({-good.weights, good.means, good.covariances}), ContractError);
  EXPECT_THROW(build({good.weights, good.means, -good.covariances}), ContractError);
  EXPECT_THROW(build({good.weights, good.means, good.covariances.triu()}), ContractError);
  EXPECT_THROW(MixtureOracle(good, nullptr), ContractError);
}

}  // namespace
}  // namespace genmatch
