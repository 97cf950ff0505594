// Samplers on alphabets against laws that are computed in another way: the law of the data for the exact posterior, the
// product of a step's transition matrices, and the master equation for a posterior that belongs to no data.
#include "core/solve/sampler.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/process/exact_generator.h"
#include "core/solve/likelihood_method.h"
#include "discrete/exact_posterior.h"
#include "discrete/hazards.h"
#include "discrete/posterior.h"
#include "tests/chosen.h"
#include "tests/discrete/chain.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

constexpr double kLevel = 1e-3;

std::shared_ptr<const Sampler> sampler(const Chain& chain, const std::string& yaml) {
  const auto grid = chosen<TimeGridChoice>("uniform").make();
  return chosen<SamplerChoice>(yaml).make(
      {{chain.factor}, grid, chosen<StepperChoice>("{type: euler, steps: 10}").make()});
}

// A generator that lives elsewhere.
GeneratorPtr borrowed(const Generator& generator) { return {std::shared_ptr<void>(), &generator}; }

Solution run(const Chain& chain, const std::string& yaml, const Generator& process, int64_t n, uint64_t seed = 1) {
  Rng rng(seed, "samples");
  const Tensor x0 = chain.factor.source->sample(n, rng, at::kDouble);
  return sampler(chain, yaml)->run(borrowed(process), {x0}, rng, {});
}

Tensor counts(const Chain& chain, const Tensor& x) { return chain.law(x, at::ones({x.size(0)}, at::kDouble)); }

double p_value(const Chain& chain, const std::string& yaml, const Generator& process, int64_t n, const Tensor& law) {
  return chi_square_p_value(counts(chain, run(chain, yaml, process, n).x[0]), law);
}

// The law after steps in which each coordinate, on its own, goes to the end of its path with the path's probability.
Tensor stepped(const Chain& chain, const Denoiser& denoiser, int64_t steps) {
  Tensor p = chain.source();
  for (int64_t step = 0; step < steps; ++step) {
    const double t = static_cast<double>(step) / static_cast<double>(steps);
    const Tensor now = 1 - chain.mixture().schedule().value(chain.at(t));
    const double next =
        1 - chain.mixture().schedule().value(chain.at(t + 1.0 / static_cast<double>(steps)))[0].item<double>();
    const double goes = step + 1 == steps ? 1 : 1 - next / now[0].item<double>();
    const Tensor posterior = denoiser.logits({chain.words}, chain.at(t))[0].softmax(-1);
    Tensor transition = at::ones({chain.states(), chain.states()}, at::kDouble);  // [from, to]
    for (int64_t i = 0; i < chain.places(); ++i) {
      const Tensor from = chain.words.select(1, i), symbols = at::arange(chain.alphabet.symbols(), at::kDouble);
      const Tensor free = chain.path.masked() ? from.eq(static_cast<double>(chain.alphabet.symbols())).to(at::kDouble)
                                              : at::ones_like(from);
      const Tensor stay = at::one_hot(from.to(at::kLong), chain.alphabet.values()).to(at::kDouble);
      const Tensor drawn = at::constant_pad_nd(posterior.select(1, i), {0, chain.alphabet.values() - symbols.size(0)});
      const Tensor share = (goes * free).unsqueeze(1);
      const Tensor to = (1 - share) * stay + share * drawn;  // [from, V]
      transition = transition * to.index_select(1, from.to(at::kLong));
    }
    p = transition.t().matmul(p);
  }
  return p;
}

Tensor master_equation(const Chain& chain, const Generator& process) {
  const auto method = chosen<LikelihoodChoice>("enumeration").make({{chain.factor}, nullptr, {}});
  Rng rng(1, "none");
  return method->log_density(process, {chain.words}, rng, {}).log_density.exp();
}

// The law after steps with the rates of their beginning, where a coordinate goes once at most; the last draws from the
// posterior. With `alone` two jumps in a step are none.
Tensor leapt(const Chain& chain, const Generator& process, const Denoiser& denoiser, int64_t steps, bool alone) {
  Tensor p = chain.source();
  const double h = 1.0 / static_cast<double>(steps);
  for (int64_t step = 0; step < steps; ++step) {
    const Tensor t = chain.at(h * static_cast<double>(step));
    const bool last = step + 1 == steps;
    const Tensor rates = process.at({chain.words}, t)[0].rates, mean = h * rates.sum(-1, true);
    const Tensor goes = alone ? mean * (-mean).exp() : 1 - (-mean).exp();
    const Tensor ends = log_posterior(chain.path, chain.words, denoiser.logits({chain.words}, t)[0]).exp();
    const Tensor padded = at::constant_pad_nd(ends, {0, chain.alphabet.values() - chain.alphabet.symbols()});
    Tensor transition = at::ones({chain.states(), chain.states()}, at::kDouble);  // [from, to]
    for (int64_t i = 0; i < chain.places(); ++i) {
      const Tensor places = chain.words.select(1, i).to(at::kLong);
      const Tensor stay = at::one_hot(places, chain.alphabet.values()).to(at::kDouble);
      const Tensor share = (rates / rates.sum(-1, true).clamp_min(1e-300)).select(1, i), go = goes.select(1, i);
      transition = transition * (last ? padded.select(1, i) : (1 - go) * stay + go * share).index_select(1, places);
    }
    p = transition.t().matmul(p);
  }
  return p;
}

class Samplers : public testing::TestWithParam<std::string> {
 protected:
  const Chain chain{GetParam()};
  const SomeWords data{chain, 3, 1};
  const ExactPosterior exact{chain.factor, data.x, data.weights};
  const AnyDenoiser any{chain, 2};
  const Tensor law = chain.law(data.x, data.weights);
};

// d p / dt = Q_t p solved by matrix exponentials of the rates that the kind makes of the posterior.
TEST_P(Samplers, TheMasterEquationIsTheProductOfMatrixExponentials) {
  Tensor p = chain.source();
  double from = 0;
  constexpr int64_t steps = 2000;
  for (int64_t step = 1; step <= steps; ++step) {
    const double left = std::pow(1e-4, static_cast<double>(step) / steps);
    const double to = chain.mixture().time_of(at::full({1}, 1 - left, at::kDouble)).item<double>();
    const double middle = (from + to) / 2;
    p = at::linalg_matrix_exp((to - from) * chain.matrix(any.at({chain.words}, chain.at(middle))[0].rates)).matmul(p);
    from = to;
  }
  // What is left of the source after that has the probability 1e-4 per coordinate; the rest is of second order.
  EXPECT_TRUE(near(master_equation(chain, any), p, 5e-4));
  EXPECT_TRUE(near(master_equation(chain, exact), law, 5e-4));
}

TEST_P(Samplers, StepsHaveTheLawOfTheirTransitions) {
  for (const int64_t steps : {1, 3, 10}) {
    const std::string yaml = "{type: ctmc, steps: " + std::to_string(steps) + "}";
    EXPECT_GT(p_value(chain, yaml, any, 40000, stepped(chain, any, steps)), kLevel) << steps;
  }
}

TEST_P(Samplers, StepsAreOfFirstOrder) {
  if (chain.places() == 1) GTEST_SKIP() << "exact for one coordinate";
  const auto error = [&](int64_t steps) { return (stepped(chain, exact, steps) - law).abs().sum().item<double>(); };
  for (const int64_t steps : {40, 80}) EXPECT_NEAR(std::log2(error(steps) / error(2 * steps)), 1, 0.2) << steps;
}

TEST_P(Samplers, StepsAreExactForOneCoordinate) {
  if (chain.places() > 1) GTEST_SKIP() << "of first order for several";
  for (const int64_t steps : {1, 2, 7}) EXPECT_TRUE(near(stepped(chain, exact, steps), law, 1e-12));
}

TEST_P(Samplers, LeapsHaveTheLawOfTheirTransitions) {
  for (const int64_t steps : {1, 4, 12})
    for (const bool alone : {false, true}) {
      const std::string yaml = "{type: tau_leaping, several: " + std::string(alone ? "none" : "first") +
                               ", steps: " + std::to_string(steps) + "}";
      EXPECT_GT(p_value(chain, yaml, any, 40000, leapt(chain, any, any, steps, alone)), kLevel) << yaml;
    }
  if (chain.places() > 1) {
    EXPECT_LT(p_value(chain, "{type: tau_leaping, steps: 4}", any, 40000, leapt(chain, any, any, 8, false)), kLevel)
        << "no power";
  }
}

TEST_P(Samplers, LeapsAreOfFirstOrder) {
  // The last step is exact but for what it takes the coordinates to be: independent.
  const auto error = [&](int64_t steps) {
    return (leapt(chain, exact, exact, steps, false) - law).abs().sum().item<double>();
  };
  for (const int64_t steps : {80, 160}) EXPECT_GT(std::log2(error(steps) / error(2 * steps)), 0.8) << steps;
}

TEST_P(Samplers, EventsAreExact) {
  std::vector<std::string> names{"{type: uniformisation, remainder: 1e-7}"};
  if (chain.path.masked()) names.emplace_back("first_hitting");
  const Tensor of_any = master_equation(chain, any);
  for (const std::string& name : names) {
    EXPECT_GT(p_value(chain, name, exact, 20000, law), kLevel) << name;
    EXPECT_GT(p_value(chain, name, any, 20000, of_any), kLevel) << name;
    EXPECT_LT(p_value(chain, name, any, 20000, law + 1e-3), kLevel) << name << ": no power";
  }
}

// A strong corrector, looked at half-way: with one of its halves missing or of another size x_t would be far off.
TEST_P(Samplers, TheCorrectorKeepsTheLawOfThePath) {
  constexpr int64_t n = 4000;
  const SomeWords all(chain, 5 < chain.states() ? 4 : 3, 3);
  const ExactPosterior posterior(chain.factor, all.x, all.weights);
  const ExactGenerator generator({chain.factor}, {all.x}, all.weights);
  for (const char* corrector : {"{scale: 5, rise: 1, fall: 1}", "{eta: 3}"}) {
    const auto with = sampler(chain, std::string("{type: ctmc, steps: 1600, corrector: ") + corrector + "}");
    Rng rng(1, "samples");
    const State x0{chain.factor.source->sample(n, rng, at::kDouble)};
    constexpr double both = 2e-4;  // that two coordinates err at once, in a word
    with->run(borrowed(posterior), x0, rng, [&](double, double t, const State& x) {
      if (std::abs(t - 0.5) > 1e-9 && std::abs(t - 0.8) > 1e-9) return;
      const Tensor marginal = generator.log_density({chain.words}, chain.at(t)).exp() + both;
      EXPECT_GT(chi_square_p_value(counts(chain, x[0]), marginal / marginal.sum()), kLevel) << corrector << " " << t;
      const Tensor later = generator.log_density({chain.words}, chain.at(t + 0.1)).exp() + both;
      EXPECT_LT(chi_square_p_value(counts(chain, x[0]), later / later.sum()), kLevel) << "no power at " << t;
    });
  }
}

// The two ways to write a corrector meet where both say: back to the mask at a constant rate.
TEST(Corrector, EtaIsItsScaleOnALinearSchedule) {
  const Chain chain(chains()[1]);
  Corrector by_scale, by_eta;
  by_scale.scale = by_eta.eta = 3;
  for (const double t : {0.1, 0.5, 0.9}) {
    const Hazards a = hazards(mixture_path(chain.factor, "test"), by_scale, t, t + 1e-3);
    const Hazards b = hazards(mixture_path(chain.factor, "test"), by_eta, t, t + 1e-3);
    for (std::size_t v = 0; v < 3; ++v) {
      EXPECT_NEAR(a.threshold[v] / 0x1p16, b.threshold[v] / 0x1p16, 1e-6) << t;
      EXPECT_NEAR(a.back[v], b.back[v], 1e-6) << t;
    }
    EXPECT_NEAR(a.threshold[0] / 0x1p16, -std::expm1(-3e-3), 1e-6) << "a symbol goes back at the rate 3";
  }
}

TEST_P(Samplers, EulerOnRatesHasTheLawOfTheData) {
  const ExactGenerator generator({chain.factor}, {data.x}, data.weights);
  const auto euler = chosen<StepperChoice>("{type: euler, steps: 300}").make();
  Rng rng(3, "euler");
  const Tensor x0 = chain.factor.source->sample(4000, rng, at::kDouble);
  // At t = 1 the rates are large, but finite: the last step leaves what it leaves with that probability.
  const Tensor x = simulate(generator, {chain.factor.space}, {x0}, 0, 1, *euler, rng).x[0];
  EXPECT_LT((counts(chain, x) / 4000 - law).abs().sum().item<double>(), 0.08);
}

TEST_P(Samplers, RowsDependNeitherOnOthersNorOnTheirNumber) {
  std::vector<std::string> names{"{type: ctmc, steps: 20, corrector: {scale: 1}}", "uniformisation",
                                 "{type: tau_leaping, steps: 10}"};
  if (chain.path.masked()) names.emplace_back("first_hitting");
  Rng source(4, "source");
  const Tensor x0 = chain.factor.source->sample(50, source, at::kDouble);
  const auto end = [&](const std::string& name, const Tensor& from) {
    Rng rng(5, "run");
    return sampler(chain, name)->run(borrowed(any), {from}, rng, {}).x[0];
  };
  const auto part = [&](const std::string& name, int64_t first, int64_t count) {
    Rng rng = Rng(5, "run").for_rows(first);
    return sampler(chain, name)->run(borrowed(any), {x0.narrow(0, first, count)}, rng, {}).x[0];
  };
  for (const std::string& name : names) {
    const Tensor all = end(name, x0);
    EXPECT_TRUE(end(name, x0.narrow(0, 0, 7)).equal(all.narrow(0, 0, 7))) << name;
    EXPECT_TRUE(at::cat({part(name, 0, 9), part(name, 9, 41)}).equal(part(name, 0, 50))) << name;
    Tensor other = x0.clone();
    other[49] = other[0];
    EXPECT_TRUE(end(name, other).narrow(0, 0, 49).equal(all.narrow(0, 0, 49))) << name;
    EXPECT_EQ(end(name, x0.narrow(0, 0, 0)).size(0), 0) << name;
    EXPECT_EQ(run(chain, name, any, 20).x[0].lt(static_cast<double>(chain.alphabet.symbols())).all().item<bool>(),
              true);
    const Tensor single = end(name, x0.to(at::kFloat));
    EXPECT_EQ(single.scalar_type(), at::kFloat);
  }
}

TEST_P(Samplers, KeptSymbolsStayAndTheRestIsDrawnGivenThem) {
  std::string keep = "0";
  for (int64_t i = 1; i < chain.places(); ++i) keep += ", -1";
  std::vector<std::string> names{"{type: ctmc, steps: 30, keep: [" + keep + "]}",
                                 "{type: uniformisation, keep: [" + keep + "]}",
                                 "{type: tau_leaping, steps: 30, keep: [" + keep + "]}"};
  if (chain.path.masked()) names.push_back("{type: first_hitting, keep: [" + keep + "]}");
  for (const std::string& name : names) {
    const Tensor x = run(chain, name, any, 50).x[0];
    EXPECT_TRUE((x.select(1, 0) == 0).all().item<bool>()) << name;
    EXPECT_LT(x.max().item<double>(), static_cast<double>(chain.alphabet.symbols()));
  }
  if (!chain.path.masked()) return;
  // With masks the law is that given the kept symbols.
  const Tensor fits = (chain.words.select(1, 0) == 0).to(at::kDouble) * law;
  if (fits.sum().item<double>() == 0) return;
  EXPECT_GT(p_value(chain, names.back(), exact, 5000, fits / fits.sum()), kLevel);
}

INSTANTIATE_TEST_SUITE_P(Chains, Samplers, testing::ValuesIn(chains()));

TEST(SymbolSamplers, RefuseWhatTheyAreNotFor) {
  const Chain uniform(chains()[0]), masked(chains()[1]);
  EXPECT_THROW(sampler(uniform, "first_hitting"), ConfigError);
  EXPECT_THROW(sampler(uniform, "{type: ctmc, keep: [1]}"), ConfigError);
  EXPECT_THROW(sampler(masked, "{type: ctmc, keep: [2, -1, 0]}"), ConfigError) << "the mask is not to be kept";
  EXPECT_THROW(sampler(uniform, "{type: ctmc, keep: [0.5, 1]}"), ConfigError);
  EXPECT_THROW(sampler(masked, "{type: tau_leaping, several: sum}"), ConfigError) << "a mask stands in no order";
}

TEST(SymbolSamplers, TellWhatFailed) {
  class Failing final : public Generator, public Denoiser {
   public:
    std::vector<Coefficients> at(const State&, const Tensor&) const override { return {}; }
    std::vector<Tensor> logits(const State& x, const Tensor&) const override {
      Tensor all = at::zeros({x[0].size(0), 3, 2}, x[0].options());
      all.select(2, 0).masked_fill_(x[0] == 2, std::nan(""));
      return {all};
    }
  };
  const Chain chain(chains()[1]);
  for (const char* name : {"ctmc", "first_hitting", "uniformisation", "{type: tau_leaping, steps: 1}"})
    EXPECT_EQ(run(chain, name, Failing(), 4).failures(), 4) << name;
}

}  // namespace
}  // namespace genmatch
