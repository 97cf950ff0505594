// The bound of the likelihood on small chains: below ln p_1, which the master equation gives, and closed by the exact
// process.
#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/solve/likelihood_method.h"
#include "discrete/exact_posterior.h"
#include "discrete/posterior.h"
#include "tests/chosen.h"
#include "tests/discrete/chain.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

Likelihood of(const Chain& chain, const std::string& yaml, const Generator& process, const Tensor& x) {
  Rng rng(1, "elbo");
  return chosen<LikelihoodChoice>(yaml).make({{chain.factor}, nullptr, {}})->log_density(process, {x}, rng, {});
}

// The mean bound of each word over many estimates, with its standard error.
struct Means {
  Tensor mean, error;
};
Means means(const Chain& chain, const std::string& yaml, const Generator& process, const Tensor& words) {
  constexpr int64_t repeats = 300;
  const Tensor x = words.repeat({repeats, 1});
  const Tensor all = of(chain, yaml, process, x).log_density.reshape({repeats, words.size(0)});
  return {all.mean(0), all.std(0) / std::sqrt(static_cast<double>(repeats))};
}

class ElboOn : public testing::TestWithParam<std::string> {
 protected:
  const Chain chain{GetParam()};
  const SomeWords data{chain, 3, 1};
  const ExactPosterior exact{chain.factor, data.x, data.weights};
  const AnyDenoiser any{chain, 2};
};

TEST_P(ElboOn, TheExactProcessIsTight) {
  const Means bound = means(chain, "{type: elbo, terms: 64}", exact, data.x);
  EXPECT_TRUE(all_at_most((bound.mean - data.weights.log()).abs() - 5 * bound.error, 2e-3)) << bound.mean;
}

TEST_P(ElboOn, IsBelowTheLikelihood) {
  const Tensor exactly = of(chain, "enumeration", any, data.x).log_density;
  const Means bound = means(chain, "{type: elbo, terms: 64, process: forward}", any, data.x);
  EXPECT_TRUE(all_at_most(bound.mean - exactly - 4 * bound.error, 1e-3));
  // For one that jumps once and no more the bound of other sources has a gap.
  const Means gap = means(chain, "{type: elbo, terms: 64, process: forward}", exact, data.x);
  const double mean_gap = (data.weights * (data.weights.log() - gap.mean)).sum().item<double>();
  if (chain.path.masked()) {
    EXPECT_NEAR(mean_gap, 0, 2e-3 + 5 * gap.error.max().item<double>());
  } else {
    EXPECT_GT(mean_gap, 0.05);
  }
}

// ln p_1 of the reversed noising process with any posterior, by a product of matrix exponentials.
TEST_P(ElboOn, OfTheReversalIsBelowItsLikelihood) {
  Tensor p = chain.source();
  constexpr int64_t steps = 3000;
  const auto kappa = [&](int64_t step) {  // from 1e-4, where x is noise, to 1 - 1e-4
    const double s = -9.2 + 18.4 * static_cast<double>(step) / steps;
    return 1 / (1 + std::exp(-s));
  };
  for (int64_t step = 0; step < steps; ++step) {
    const double middle = 0.5 * (kappa(step) + kappa(step + 1));
    const Tensor t = chain.mixture().time_of(at::full({1}, middle, at::kDouble)).expand({chain.states()});
    const Tensor log_p = log_posterior(chain.path, chain.words, any.logits({chain.words}, t)[0]);
    const Tensor rates =
        reversal_rates(chain.mixture(), chain.words, at::full({chain.states()}, 1 - middle, at::kDouble), log_p);
    p = at::linalg_matrix_exp((kappa(step + 1) - kappa(step)) * chain.matrix(rates)).matmul(p);
  }
  const Tensor exactly = p.index_select(0, chain.number(data.x)).log();
  const Means bound = means(chain, "{type: elbo, terms: 64}", any, data.x);
  EXPECT_TRUE(all_at_most(bound.mean - exactly - 4 * bound.error, 5e-3)) << bound.mean << exactly;
}

TEST_P(ElboOn, StandardErrorIsTheScatterOfEstimates) {
  const Tensor x = data.x.narrow(0, 0, 1).repeat({400, 1});
  const Likelihood one = of(chain, "{type: elbo, terms: 32}", any, x);
  const double scatter = one.log_density.std().item<double>(),
               told = one.standard_error.square().mean().sqrt().item<double>();
  EXPECT_LT(scatter, told * 1.2) << "strata only make it smaller";
  EXPECT_EQ(one.solution.failures(), 0);
}

TEST_P(ElboOn, RefusesMasksAndOtherFactors) {
  if (chain.alphabet.has_mask()) {
    EXPECT_THROW(of(chain, "elbo", any, chain.words), ContractError);
  }
  EXPECT_THROW(of(chain, "flow", any, data.x), ConfigError);
  EXPECT_THROW(of(chain, "{type: enumeration, most: 3}", any, data.x), ConfigError);
}

INSTANTIATE_TEST_SUITE_P(Chains, ElboOn, testing::ValuesIn(chains()));

}  // namespace
}  // namespace genmatch
