// Paths of symbols and their rates as matrices of small chains: Kolmogorov's equation holds exactly.
#include <gtest/gtest.h>

#include "core/process/conditional_generator.h"
#include "core/process/exact_generator.h"
#include "discrete/exact_posterior.h"
#include "discrete/posterior.h"
#include "tests/discrete/chain.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double kTimes[] = {0.05, 0.3, 0.6, 0.95};

class SymbolPaths : public testing::TestWithParam<std::string> {
 protected:
  const Chain chain{GetParam()};
  const SomeWords data{chain, 3, 1};
  const ExactPosterior posterior{chain.factor, data.x, data.weights};

  Tensor log_posterior_at(double t) const {
    return log_posterior(chain.path, chain.words, posterior.logits({chain.words}, chain.at(t))[0]);
  }
  Tensor marginal(double t) const {
    const ExactGenerator exact({chain.factor}, {data.x}, data.weights);
    return exact.log_density({chain.words}, chain.at(t)).exp();
  }
  template <class Law>
  static Tensor slope(const Law& law, double t) {
    constexpr double h = 1e-5;  // errors: h^2 p''' / 6 < 1e-8, rounding 1e-11
    return (law(t + h) - law(t - h)) / (2 * h);
  }
};

/// The rates that mixture paths have besides.
class MixtureRates : public SymbolPaths {
 protected:
  Tensor left(double t) const { return 1 - chain.mixture().schedule().value(chain.at(t)); }
  Tensor carried(const Tensor& rates, double t, const Tensor& p) const {
    return chain.matrix(chain.mixture().schedule().derivative(chain.at(t))[0].item<double>() * rates).matmul(p);
  }
};

TEST_P(SymbolPaths, RatesAreRatesWhateverTheNetworkSays) {
  const ConditionalGenerator& kind = *chain.factor.generators[0].generator;
  Rng rng(3, "rates");
  for (const auto dtype : {at::kFloat, at::kDouble})
    for (const double t : {0.0, 1e-6, 0.5, 1 - 1e-6, 1.0}) {
      const Tensor output = 10 * rng.normal({chain.states(), kind.head().size}, dtype);
      const Tensor x = chain.words.to(dtype), rates = kind.from_output(x, chain.at(t).to(dtype), output).rates;
      EXPECT_EQ(rates.sizes(), at::IntArrayRef({chain.states(), chain.places(), chain.alphabet.values()}));
      EXPECT_TRUE((rates >= 0).all().item<bool>() && rates.isfinite().all().item<bool>()) << t;
      EXPECT_EQ(rates.gather(-1, chain.words.to(at::kLong).unsqueeze(-1)).abs().max().item<double>(), 0);
    }
}

TEST_P(SymbolPaths, HaveTheirEndsAndTheirDensity) {
  constexpr int64_t n = 20000;
  Rng rng(4, "path");
  const Tensor x1 = data.x.narrow(0, 0, 1).expand({n, chain.places()});
  const Tensor x0 = chain.factor.source->sample(n, rng, at::kDouble);
  const auto at_time = [&](double t) { return chain.path.sample(x0, x1, at::full({n}, t, at::kDouble), rng); };
  EXPECT_TRUE(at_time(0).equal(x0));
  EXPECT_TRUE(at_time(1).equal(x1));
  for (const double t : kTimes) {
    const Tensor law = chain.path.log_density(chain.words, chain.at(t), data.x.narrow(0, 0, 1)).exp();
    const Tensor counts = chain.law(at_time(t), at::ones({n}, at::kDouble));
    EXPECT_GT(chi_square_p_value(counts, law), 1e-3) << t;
  }
}

TEST_P(SymbolPaths, RatesCarryThePathToEveryWord) {
  const ConditionalGenerator& kind = *chain.factor.generators[0].generator;
  for (int64_t i = 0; i < data.x.size(0); ++i) {
    const Tensor x1 = data.x.narrow(0, i, 1).expand_as(chain.words);
    const auto law = [&](double t) { return chain.path.log_density(chain.words, chain.at(t), x1).exp(); };
    for (const double t : kTimes) {
      EXPECT_NEAR(law(t).sum().item<double>(), 1, 1e-12);
      const Tensor p = law(t), change = slope(law, t);
      const Tensor given = chain.matrix(kind.given(chain.words, chain.at(t), {}, x1).rates);
      EXPECT_TRUE(near(given.matmul(p), change, 1e-7));
      EXPECT_FALSE(near(1.01 * given.matmul(p), change, 1e-7)) << "no power";
    }
  }
}

TEST_P(SymbolPaths, RatesOfTheExactPosteriorCarryTheMarginal) {
  for (const double t : kTimes) {
    const Tensor change = slope([&](double s) { return marginal(s); }, t);
    const Tensor rates = posterior.at({chain.words}, chain.at(t))[0].rates;
    EXPECT_TRUE(near(chain.matrix(rates).matmul(marginal(t)), change, 1e-7));
  }
}

TEST_P(SymbolPaths, RatesOfTheExactPosteriorAreTheMeanOfThoseOfTheData) {
  const ExactGenerator exact({chain.factor}, {data.x}, data.weights);
  for (const double t : kTimes) {
    const Tensor reached = (marginal(t) > 0).reshape({-1, 1, 1});
    const Tensor mean = exact.at({chain.words}, chain.at(t))[0].rates;
    EXPECT_TRUE(near(posterior.at({chain.words}, chain.at(t))[0].rates * reached, mean * reached, 1e-11));
  }
}

void expect_divergence(const Tensor& target, const Tensor& predicted, const Tensor& passed, const Tensor& divergence) {
  const Tensor ratio = at::where(target > 0, target / predicted, at::ones_like(target));
  const Tensor sum = (predicted - target + target * ratio.log()).flatten(1).sum(1);
  EXPECT_TRUE(near(divergence.masked_select(passed), sum.masked_select(passed), 1e-9));
  EXPECT_TRUE((divergence.masked_select(passed) >= -1e-9).all().item<bool>());
}

TEST_P(SymbolPaths, DivergencesAreTheirSumsOverSymbols) {
  const Tensor logits =
      Rng(3, "logits").normal({chain.states(), chain.places(), chain.alphabet.symbols()}, at::kDouble);
  for (int64_t i = 0; i < data.x.size(0); ++i) {
    const Tensor x1 = data.x.narrow(0, i, 1).expand_as(chain.words), t = chain.at(0.4);
    // Only words that the path to x1 passes.
    const Tensor passed = chain.path.log_density(chain.words, t, x1).isfinite();
    expect_divergence(chain.path.rates(chain.words, t, log_certainty(chain.alphabet, x1, at::kDouble)),
                      chain.path.rates(chain.words, t, log_posterior(chain.path, chain.words, logits)), passed,
                      chain.path.divergence(chain.words, t, x1, logits));
  }
}

TEST_P(MixtureRates, TheScheduleIsInverted) {
  for (const double t : kTimes) {
    const Tensor kappa = chain.mixture().schedule().value(at::full({1}, t, at::kDouble));
    EXPECT_NEAR(chain.mixture().time_of(kappa).item<double>(), t, 1e-12);
  }
}

TEST_P(MixtureRates, CarryThePathToEveryWord) {
  for (int64_t i = 0; i < data.x.size(0); ++i) {
    const Tensor x1 = data.x.narrow(0, i, 1).expand_as(chain.words);
    const Tensor certain = log_certainty(chain.alphabet, x1, at::kDouble);
    const auto law = [&](double t) { return chain.path.log_density(chain.words, chain.at(t), x1).exp(); };
    for (const double t : kTimes) {
      const Tensor p = law(t), change = slope(law, t);
      EXPECT_TRUE(near(carried(backward_rates(chain.mixture(), chain.words, left(t), certain), t, p), -change, 1e-7));
      EXPECT_TRUE(near(carried(reversal_rates(chain.mixture(), chain.words, left(t), certain), t, p), change, 1e-7));
    }
  }
}

TEST_P(MixtureRates, OfTheExactPosteriorCarryTheMarginal) {
  for (const double t : kTimes) {
    const Tensor p = marginal(t), change = slope([&](double s) { return marginal(s); }, t);
    const Tensor log_p = log_posterior_at(t);
    EXPECT_TRUE(near(carried(forward_rates(chain.mixture(), chain.words, left(t), log_p), t, p), change, 1e-7));
    EXPECT_TRUE(near(carried(backward_rates(chain.mixture(), chain.words, left(t), log_p), t, p), -change, 1e-7));
    EXPECT_TRUE(near(carried(reversal_rates(chain.mixture(), chain.words, left(t), log_p), t, p), change, 1e-7));
  }
}

TEST_P(MixtureRates, DivergencesAreTheirSumsOverSymbols) {
  const AnyDenoiser any(chain, 2);
  const Tensor logits = any.logits({chain.words}, chain.at(0.4))[0];
  const Tensor log_p = log_posterior(chain.path, chain.words, logits);
  for (int64_t i = 0; i < data.x.size(0); ++i) {
    const Tensor x1 = data.x.narrow(0, i, 1).expand_as(chain.words);
    const Tensor passed = chain.path.log_density(chain.words, chain.at(0.4), x1).isfinite();
    const Tensor certain = log_certainty(chain.alphabet, x1, at::kDouble);
    expect_divergence(forward_rates(chain.mixture(), chain.words, left(0.4), certain),
                      forward_rates(chain.mixture(), chain.words, left(0.4), log_p), passed,
                      forward_divergence(chain.mixture(), chain.words, left(0.4), x1, logits));
    expect_divergence(reversal_rates(chain.mixture(), chain.words, left(0.4), certain),
                      reversal_rates(chain.mixture(), chain.words, left(0.4), log_p), passed,
                      reversal_divergence(chain.mixture(), chain.words, left(0.4), x1, logits));
  }
}

// Where coordinates are independent, the others say nothing: the logits are those of the data's law at all times.
TEST(Evidence, WithTheLawOfTheDataMakesThePosterior) {
  for (const char* source : {"uniform", "{type: symbols, probabilities: [1, 2, 5, 1]}"}) {
    const Chain chain(std::string("{space: {type: alphabet, symbols: 4, shape: [1]}, source: ") + source +
                      ", path: {type: mixture, schedule: cosine}, generator: ctmc}");
    const SomeWords data(chain, 3, 7);
    const ExactPosterior exact(chain.factor, data.x, data.weights);
    const Tensor law = chain.law(data.x, data.weights).log().expand({chain.states(), 4});
    for (const double t : {0.0, 0.2, 0.7, 0.99}) {
      const Tensor logits = chain.factor.generators[0].generator->logits(chain.words, chain.at(t), law);
      const Tensor reached =
          chain.path.log_density(chain.words.unsqueeze(1), chain.at(t).unsqueeze(1), data.x.unsqueeze(0))
              .isfinite()
              .any(1)
              .reshape({-1, 1, 1});
      const Tensor expected = exact.logits({chain.words}, chain.at(t))[0].exp();
      EXPECT_TRUE(near(logits.softmax(-1) * reached, expected * reached, 1e-9)) << source << ", t = " << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Chains, SymbolPaths, testing::ValuesIn(all_chains()));
INSTANTIATE_TEST_SUITE_P(Chains, MixtureRates, testing::ValuesIn(chains()));

}  // namespace
}  // namespace genmatch
