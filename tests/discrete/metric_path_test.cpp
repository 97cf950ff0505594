// Paths of symbols that lie somewhere: what is made with them against the data's law. Kolmogorov's equation:
// rates_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/solve/likelihood_method.h"
#include "core/solve/sampler.h"
#include "discrete/exact_posterior.h"
#include "discrete/posterior.h"
#include "tests/chosen.h"
#include "tests/discrete/chain.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

class MetricPaths : public testing::TestWithParam<std::string> {
 protected:
  const Chain chain{GetParam()};
  const SomeWords data{chain, 3, 1};
  const std::shared_ptr<const ExactPosterior> exact =
      std::make_shared<ExactPosterior>(chain.factor, data.x, data.weights);
  const Tensor law = chain.law(data.x, data.weights);
};

TEST_P(MetricPaths, EvidenceIsTheDensityOfACoordinate) {
  const Tensor t = chain.at(0.4), evidence = chain.path.log_evidence(chain.words, t, at::kDouble);
  Tensor sum = at::zeros({chain.states()}, at::kDouble);
  const Tensor x1 = data.x.narrow(0, 1, 1).expand_as(chain.words);
  for (int64_t i = 0; i < chain.places(); ++i)
    sum += evidence.select(1, i).gather(1, x1.select(1, i).to(at::kLong).unsqueeze(1)).squeeze(1);
  EXPECT_TRUE(near(sum, chain.path.log_density(chain.words, t, x1), 1e-12));
}

TEST_P(MetricPaths, LeapsHaveTheLawOfTheData) {
  const auto distance = [&](int64_t steps) {
    const auto grid = chosen<TimeGridChoice>("uniform").make();
    const auto sampler = chosen<SamplerChoice>("{type: tau_leaping, steps: " + std::to_string(steps) + "}")
                             .make({{chain.factor}, grid, nullptr});
    Rng rng(1, "samples");
    constexpr int64_t n = 10000;
    const Tensor x0 = chain.factor.source->sample(n, rng, at::kDouble);
    const Tensor x = sampler->run(exact, {x0}, rng, {}).x[0];
    return (chain.law(x, at::ones({n}, at::kDouble)) / n - law).abs().sum().item<double>();
  };
  // The noise of 10000 draws of three words is 0.015 in the mean.
  EXPECT_LT(distance(100), 0.05);
  // For one coordinate the last step, a draw from the posterior, is nearly all.
  if (chain.places() > 1) {
    EXPECT_GT(distance(2), 2 * distance(100));
  }
}

// -ln p_1 of the data in the mean is their entropy for the exact process, and the bound is not below.
TEST_P(MetricPaths, TheBoundIsNotBelowTheEntropy) {
  constexpr int64_t repeats = 200;
  Rng rng(1, "elbo");
  const auto elbo = chosen<LikelihoodChoice>("{type: elbo, terms: 64}").make({{chain.factor}, nullptr, {}});
  const Tensor each = elbo->log_density(*exact, {data.x.repeat({repeats, 1})}, rng, {}).log_density;
  const Tensor bound = -each.reshape({repeats, -1}).matmul(data.weights);
  const double entropy = -(data.weights * data.weights.log()).sum().item<double>();
  const double error = bound.std().item<double>() / std::sqrt(static_cast<double>(repeats));
  EXPECT_GT(bound.mean().item<double>(), entropy - 4 * error);
  EXPECT_LT(bound.mean().item<double>(), entropy + 1.5) << "but no useless one";
}

INSTANTIATE_TEST_SUITE_P(Chains, MetricPaths, testing::ValuesIn(metric_chains()));

std::string path(const std::string& options) {
  return "{space: {type: alphabet, symbols: 4, shape: [1]}, source: uniform, path: {type: metric, " + options +
         "}, generator: ctmc}";
}

TEST(MetricPath, AnEmbeddingOnALineIsTheOrder) {
  const Chain order(path("metric: ordered")), line(path("metric: embedding, embedding: [1, 3, 5, 7]"));
  const Tensor posterior = Rng(1, "posterior").normal({4, 1, 4}, at::kDouble).log_softmax(-1);
  const Tensor rates = order.path.rates(order.words, order.at(0.3), posterior);
  EXPECT_TRUE(near(line.path.rates(order.words, order.at(0.3), posterior), rates, 1e-12));
  const Chain circle(path("metric: cyclic"));
  EXPECT_FALSE(near(circle.path.rates(order.words, order.at(0.3), posterior), rates, 1e-3));
}

// With `several: sum` a coordinate moves by a compound Poisson law, cut off at the ends of the order.
TEST(MetricPath, LeapsAddUpTheirJumps) {
  const Chain chain(
      "{space: {type: alphabet, symbols: 5, shape: [1]}, source: uniform, path: {type: metric, scale: 12}, generator: "
      "ctmc}");
  const SomeWords data(chain, 3, 1);
  const auto exact = std::make_shared<ExactPosterior>(chain.factor, data.x, data.weights);
  constexpr double h = 0.5;
  const Tensor rates = exact->at({chain.words}, chain.at(0))[0].rates.squeeze(1);  // [from, to]
  Tensor law = at::zeros({5}, at::kDouble);
  constexpr int64_t most = 60;  // jumps, and thus 4 times as far
  for (int64_t from = 0; from < 5; ++from) {
    const double mean = h * rates[from].sum().item<double>();
    Tensor way = at::zeros({8 * most + 1}, at::kDouble);  // of the jumps so far, from -4 most on
    way[4 * most] = 1;
    double p = std::exp(-mean);
    for (int64_t jumps = 0; jumps < most; p *= mean / static_cast<double>(++jumps)) {
      for (int64_t i = 0; i < way.size(0); ++i) law[std::clamp<int64_t>(from + i - 4 * most, 0, 4)] += 0.2 * p * way[i];
      Tensor next = at::zeros_like(way);
      for (int64_t to = 0; to < 5; ++to) next += rates[from][to] / rates[from].sum() * way.roll(to - from);
      way = next;
    }
  }
  EXPECT_NEAR(law.sum().item<double>(), 1, 1e-9);
  constexpr int64_t n = 40000;
  const auto sampler = chosen<SamplerChoice>("{type: tau_leaping, several: sum, steps: 2}")
                           .make({{chain.factor}, chosen<TimeGridChoice>("uniform").make(), nullptr});
  Rng rng(1, "samples");
  const Tensor x0 = chain.factor.source->sample(n, rng, at::kDouble);
  int64_t seen = 0;
  sampler->run(exact, {x0}, rng, [&](double, double t, const State& x) {
    if (t != h) return;
    ++seen;
    EXPECT_GT(chi_square_p_value(chain.law(x[0], at::ones({n}, at::kDouble)), law), 1e-3);
    EXPECT_LT(chi_square_p_value(chain.law(x[0], at::ones({n}, at::kDouble)), at::full({5}, 0.2, at::kDouble)), 1e-3)
        << "no power";
  });
  EXPECT_EQ(seen, 1);
}

TEST(MetricPath, RefusesWhatItIsNotFor) {
  for (const char* options :
       {"metric: embedding", "embedding: [1, 2, 3, 4]", "metric: embedding, embedding: [1, 2, 3]",
        "metric: embedding, embedding: [1, 2, 1, 3]", "exponent: 0", "scale: -1", "metric: euclidean"})
    EXPECT_THROW(Chain(path(options)), ConfigError) << options;
  EXPECT_THROW(Chain("{space: {type: alphabet, symbols: 4, shape: [1], mask: true}, source: mask, path: metric, "
                     "generator: ctmc}"),
               ConfigError);
  EXPECT_THROW(Chain("{space: {type: alphabet, symbols: 2, shape: [1]}, source: {type: symbols, probabilities: [1, "
                     "2]}, path: metric, generator: ctmc}"),
               ConfigError);
  const Chain chain(path("metric: ordered"));
  EXPECT_THROW(mixture_path(chain.factor, "process ctmc"), OptionError);
}

}  // namespace
}  // namespace genmatch
