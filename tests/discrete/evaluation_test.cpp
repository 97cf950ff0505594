// Trained processes on alphabets as metrics, figures and experiment files see them; data sets of known laws.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/errors.h"
#include "core/experiment.h"
#include "discrete/exact_posterior.h"
#include "tests/conformance/cases.h"
#include "tests/discrete/chain.h"
#include "tests/measure/helpers.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;

constexpr const char* kChain =
    "{space: {type: alphabet, symbols: 3, shape: [2], mask: true}, source: mask, path: mixture, generator: ctmc}";

struct WordBench {
  WordBench() : bench({"{type: euclidean, dim: 1}"}) {
    bench.factors = {chain.factor};
    bench.options.process = chosen<SamplerChoice>("ctmc");
    bench.options.likelihood = chosen<LikelihoodChoice>("elbo");
    Rng rng(2, "rows");
    const Tensor rows = at::searchsorted(data.weights.cumsum(0), rng.uniform({400}, at::kDouble)).clamp_max(2);
    bench.splits.train.x = bench.splits.validation.x = bench.splits.test.x = {data.x.index_select(0, rows)};
  }
  Estimate value(const std::string& metric) {
    Evaluation evaluation = bench.evaluation(exact, at::kDouble);
    return chosen<MetricChoice>(metric).make()->value(evaluation);
  }
  const Chain chain{kChain};
  const SomeWords data{chain, 3, 1};
  const GeneratorPtr exact = std::make_shared<ExactPosterior>(chain.factor, data.x, data.weights);
  Bench bench;
};

TEST(WordMetrics, TellTheEntropyOfTheExactProcess) {
  WordBench w;
  const double entropy = -(w.data.weights * w.data.weights.log()).sum().item<double>();
  const Estimate elbo = w.value("elbo"), bits = w.value("bits_per_dim"), nll = w.value("nll");
  EXPECT_NEAR(elbo.mean, entropy, 4 * elbo.sem);
  EXPECT_EQ(elbo.n, 400);
  EXPECT_NEAR(bits.mean, elbo.mean / (2 * std::log(2)), 1e-12);
  EXPECT_NEAR(bits.sem, elbo.sem / (2 * std::log(2)), 1e-12);
  EXPECT_EQ(nll.mean, elbo.mean);
  w.bench.options.likelihood = chosen<LikelihoodChoice>("enumeration");
  const Estimate exactly = w.value("nll");
  EXPECT_NEAR(exactly.mean, elbo.mean, 0.02);
  EXPECT_THROW(w.value("elbo"), DataError);
}

// Words of two symbols are runs themselves: samples of the process that the test words come from have the same, those
// of zeros the share that words of zeros have in its law.
TEST(WordMetrics, RunsAreThoseOfTheProcess) {
  WordBench w;
  w.bench.options.samples = 400;
  EXPECT_LT(w.value("{type: kmers, k: 2}").mean, 0.1);
  Evaluation same = w.bench.evaluation(w.exact, at::kDouble);
  // Here the training rows are the test rows, in another order.
  EXPECT_EQ(chosen<MetricChoice>("{type: kmers, k: 2}").make()->beside(same).at("training rows").mean, 0);
  w.bench.splits.test.x[0].zero_();
  const Tensor zeros = w.data.x.eq(0).flatten(1).all(1).to(at::kDouble);
  const Estimate far = w.value("{type: kmers, k: 2}");
  EXPECT_NEAR(far.mean, 1 - (zeros * w.data.weights).sum().item<double>(), 5 * far.sem + 1e-12);
  const auto metric = chosen<MetricChoice>("kmers").make();
  EXPECT_THROW(metric->check({make_space("{type: euclidean, dim: 2}")}), OptionError);
  EXPECT_THROW(metric->check({make_space("{type: alphabet, symbols: 4, shape: [2]}")}), OptionError);
}

TEST(WordMetrics, DoNotDependOnHowRowsAreSolvedTogether) {
  for (const char* process : {"ctmc", "first_hitting", "{type: tau_leaping, steps: 10}"}) {
    WordBench w;
    w.bench.options.samples = 50;
    w.bench.options.process = chosen<SamplerChoice>(process);
    Evaluation whole = w.bench.evaluation(w.exact, at::kDouble);
    const Tensor samples = whole.samples()[0], bound = whole.test_log_density();
    w.bench.options.batch = 7;
    Evaluation parted = w.bench.evaluation(w.exact, at::kDouble);
    EXPECT_TRUE(parted.samples()[0].equal(samples)) << process;
    EXPECT_TRUE(near(parted.test_log_density(), bound, 1e-12)) << process;
  }
}

TEST(WordMetrics, RefuseManifolds) {
  for (const char* name : {"elbo", "bits_per_dim"})
    EXPECT_THROW(chosen<MetricChoice>(name).make()->check({make_space("{type: sphere, dim: 2}")}), OptionError) << name;
}

TEST(WordsFigure, DrawsSquaresAndBars) {
  for (const char* shape : {"[2]", "[5]"}) {
    const Chain chain(std::string("{space: {type: alphabet, symbols: 3, shape: ") + shape +
                      "}, source: uniform, path: mixture, generator: ctmc}");
    const SomeWords data(chain, 5, 1);
    WordBench w;
    w.bench.factors = {chain.factor};
    w.bench.splits.train.x = w.bench.splits.validation.x = w.bench.splits.test.x = {data.x};
    const fs::path folder = fs::temp_directory_path() / ("genmatch-words-" + std::to_string(getpid()));
    fs::create_directories(folder);
    Evaluation evaluation = w.bench.evaluation(std::make_shared<ExactPosterior>(chain.factor, data.x), at::kFloat);
    const auto pictures = chosen<FigureChoice>("words").make()->draw(evaluation, folder.string());
    EXPECT_EQ(pictures.size(), 2u);
    for (const std::string& picture : pictures) EXPECT_GT(fs::file_size(picture), 5000u);
    fs::remove_all(folder);
  }
  const Chain chain(kChain);
  const auto figure = chosen<FigureChoice>("words").make();
  EXPECT_THROW(figure->check({chain.factor, chain.factor}, {}), OptionError);
  EXPECT_THROW(figure->check({make_factor(make_space("{type: sphere, dim: 2}"))}, {}), OptionError);
}

struct Law {
  const char *space, *data;
  double log_count;
};

// Every word's density is known: together they are one, and draws come as often as they say.
TEST(WordDatasets, HaveTheLawTheySay) {
  for (const Law& law :
       {Law{"{type: alphabet, symbols: 2, shape: [6]}", "ones_then_zeros", std::log(7.)},
        Law{"{type: alphabet, symbols: 3, shape: [2, 2], mask: true}", "ones_then_zeros", std::log(5.)},
        Law{"{type: alphabet, symbols: 8, shape: [2]}", "symbol_checkerboard", std::log(32.)}}) {
    const Chain chain(std::string("{space: ") + law.space + ", source: uniform, path: mixture, generator: ctmc}");
    const auto data = chosen<DatasetChoice>(law.data).make({{chain.factor.space}, ".", {}});
    Shape shape = chain.factor.space->event_shape();
    shape.insert(shape.begin(), -1);
    const Tensor p = data->log_density({chain.words.reshape(shape)}).exp();
    EXPECT_NEAR(p.sum().item<double>(), 1, 1e-12) << law.data;
    EXPECT_NEAR(p.max().item<double>(), std::exp(-law.log_count), 1e-12) << law.data;
    Rng rng(3, "draws");
    const Tensor x = data->fresh(20000, rng)[0];
    EXPECT_EQ(chain.factor.space->violation(x).max().item<double>(), 0);
    EXPECT_GT(chi_square_p_value(chain.law(x.flatten(1), at::ones({20000}, at::kDouble)), p), 1e-3) << law.data;
  }
}

// What an experiment file gets wrong on alphabets, and what it is told to write.
class WordFile : public testing::Test {
 protected:
  std::string told(const std::string& change) const {
    const std::string base =
        "name: words\nspace: {type: alphabet, symbols: 2, shape: [4], mask: true}\nsource: mask\npath: mixture\n"
        "generators: ctmc\ndata: ones_then_zeros\nsampling: {process: ctmc, likelihood: elbo}\nmetrics: elbo\n";
    const fs::path file = fs::temp_directory_path() / ("genmatch-words-" + std::to_string(getpid()) + ".yaml");
    std::ofstream(file) << base;
    std::string text;
    try {
      build_experiment(read_experiment(file.string(), {change}, test_catalog()), 0, ".", "cpu");
    } catch (const ConfigError& e) {
      text = e.what();
    }
    fs::remove(file);
    return text;
  }
};

TEST_F(WordFile, IsToldWhatToWrite) {
  using testing::HasSubstr;
  EXPECT_EQ(told("seed=1"), "");
  EXPECT_THAT(told("generators=flow"), HasSubstr("generators: ctmc"));
  EXPECT_THAT(told("path=geodesic"), HasSubstr("path: mixture"));
  EXPECT_THAT(told("space.mask=false"), HasSubstr("mask: true"));
  EXPECT_THAT(told("sampling.process=ode"), HasSubstr("process: ctmc"));
  EXPECT_THAT(told("sampling.likelihood=flow"), HasSubstr("likelihood: elbo"));
  EXPECT_THAT(told("sampling.process=sde"), HasSubstr("Gaussian paths"));
  EXPECT_THAT(told("training.rounds.count=1"), HasSubstr("rounds"));
  EXPECT_THAT(told("data=moons"), HasSubstr("points lie in R^2"));
  EXPECT_THAT(told("metrics=path_energy"), HasSubstr("measures flows"));
  EXPECT_THAT(told("source=normal"), HasSubstr("manifold"));
}

TEST_F(WordFile, OfOtherSpacesIsToldSo) {
  EXPECT_THAT(told("space={type: euclidean, dim: 4}"), testing::HasSubstr("needs an alphabet"));
}

}  // namespace
}  // namespace genmatch
