// The laws of core/learn/loss.h for losses on alphabets.
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/errors.h"
#include "core/learn/loss.h"
#include "discrete/exact_posterior.h"
#include "discrete/posterior.h"
#include "tests/chosen.h"
#include "tests/discrete/chain.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

const std::vector<std::string>& losses() {
  static const std::vector<std::string> all{"cross_entropy", "generalised_kl",
                                            "{type: generalised_kl, process: forward}", "squared_rates", "bregman"};
  return all;
}

class SymbolLosses : public testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  const Chain chain{std::get<1>(GetParam())};
  const SomeWords data{chain, 3, 1};
  const std::shared_ptr<const MatchingLoss> loss =
      std::dynamic_pointer_cast<const MatchingLoss>(chosen<LossChoice>(std::get<0>(GetParam())).make({chain.factor}));

  Tensor value(const Tensor& xt, const Tensor& t, const Tensor& x1, const Tensor& logits) const {
    const Tensor output = logits.flatten(1);
    return loss->at({chain.factor, *chain.factor.generators[0].generator, xt, t, xt, x1, output});
  }
};

TEST_P(SymbolLosses, Law1_NotNegativeAndFiniteAtBothEnds) {
  Rng rng(1, "losses");
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    const Tensor t = at::tensor({0.0, 1e-7, 0.3, 1 - 1e-7, 1.0}, dtype);
    const Tensor x1 = chain.factor.space->sample(5, rng, dtype), x0 = chain.factor.source->sample(5, rng, dtype);
    const Tensor xt = chain.path.sample(x0, x1, t, rng);
    const Tensor logits = (20 * rng.normal({5, chain.places(), chain.alphabet.symbols()}, dtype)).requires_grad_(true);
    const Tensor each = value(xt, t, x1, logits);
    torch::autograd::backward({each.sum()});
    EXPECT_EQ(each.sizes(), t.sizes());
    EXPECT_TRUE(finite(each));
    EXPECT_TRUE((each >= -1e-5 * each.abs().max()).all().item<bool>()) << each;
    EXPECT_TRUE(finite(logits.grad()));
  }
}

// At a word x_t that the paths to several data pass, the mean loss is least at their posterior: no slope there, and
// more in every other direction.
TEST_P(SymbolLosses, Law2_LeastAtThePosterior) {
  const ExactPosterior exact(chain.factor, data.x, data.weights);
  const Tensor t = at::full({1}, 0.4, at::kDouble);
  Rng rng(2, "losses");
  for (int64_t word = 0; word < chain.states(); ++word) {
    const Tensor xt = chain.words.narrow(0, word, 1);
    const Tensor joint = data.weights * chain.path.log_density(xt, t, data.x).exp();
    if (joint.sum().item<double>() == 0) continue;
    const Tensor passing = joint.nonzero().flatten(), x1 = data.x.index_select(0, passing);
    const Tensor weights = joint.index_select(0, passing) / joint.sum();
    const auto mean = [&](const Tensor& logits) {
      const int64_t n = x1.size(0);
      Shape shape = logits.sizes().vec();
      shape[0] = n;
      return (weights * value(xt.expand_as(x1), t.expand({n}), x1, logits.expand(shape))).sum();
    };
    // Symbols of probability 0 would lie at infinity.
    const Tensor best = exact.logits({xt}, t)[0].clamp_min(-40).requires_grad_(true);
    torch::autograd::backward({mean(best)});
    EXPECT_TRUE(all_at_most(best.grad().abs(), 1e-9)) << word;
    const Tensor beside = best.detach() + 0.1 * rng.normal(best.sizes(), at::kDouble);
    EXPECT_GE(mean(beside).item<double>(), mean(best.detach()).item<double>() - 1e-12);
  }
}

TEST_P(SymbolLosses, RareSymbolsKeepAGradient) {
  if (std::get<0>(GetParam()) == "squared_rates" || std::get<0>(GetParam()) == "bregman")
    GTEST_SKIP() << "is not made for them";
  const Tensor x1 = at::zeros({1, chain.places()}, at::kFloat);
  const Tensor xt = at::full_like(x1, static_cast<double>(chain.alphabet.values() - 1));
  Tensor logits = at::zeros({1, chain.places(), chain.alphabet.symbols()}, at::kFloat);
  logits.select(2, 0).fill_(-200);  // a probability that float32 does not hold
  logits.requires_grad_(true);
  torch::autograd::backward({value(xt, at::full({1}, 0.5, at::kFloat), x1, logits).sum()});
  const double slope = logits.grad().select(2, 0).sum().item<double>();
  EXPECT_TRUE(finite(logits.grad()));
  // Rates that are not small where the symbol is rare have other ways: the reversal draws from the source besides, and
  // symbols that lie near each other are reached on the same way.
  const Tensor t = at::full({1}, 0.5, at::kDouble), log_p = logits.detach().to(at::kDouble).log_softmax(-1);
  const Tensor target = chain.path.relative_rates(xt, t, log_certainty(chain.alphabet, x1, at::kDouble));
  const double rate = chain.path.relative_rates(xt, t, log_p).masked_select(target > 0).max().item<double>();
  const bool reversal = std::get<0>(GetParam()) == "generalised_kl" &&
                        dynamic_cast<const MixturePath*>(&chain.path) != nullptr && !chain.path.masked();
  if (std::get<0>(GetParam()) == "cross_entropy" || (rate < 1e-20 && !reversal)) {
    EXPECT_LT(slope, -0.9);
  }
}

INSTANTIATE_TEST_SUITE_P(Losses, SymbolLosses,
                         testing::Combine(testing::ValuesIn(losses()), testing::ValuesIn(all_chains())));

TEST(SymbolLosses, RefuseOtherFactors) {
  const Chain chain(chains()[0]);
  Factor other = chain.factor;
  other.path = nullptr;
  EXPECT_THROW(chosen<LossChoice>("cross_entropy").make({other}), ConfigError);
}

}  // namespace
}  // namespace genmatch
