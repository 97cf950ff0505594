#include <gtest/gtest.h>

#include <cmath>

#include "core/ops.h"
#include "discrete/event_random.h"
#include "discrete/symbol_draws.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

template <class T>
std::vector<int64_t> drawn(const std::vector<T>& logits, const std::vector<double>& u, const DrawOptions& options) {
  const auto type = std::is_same_v<T, float> ? at::kFloat : at::kDouble;
  return draw_symbols(at::tensor(logits, type).unsqueeze(0), at::zeros({static_cast<int64_t>(u.size())}, at::kLong), u,
                      options);
}

// At equally spaced u each symbol comes as often as its probability says, up to one.
template <class T>
Tensor shares(const std::vector<T>& logits, const DrawOptions& options, int64_t n = 100000) {
  std::vector<double> u;
  for (int64_t i = 0; i < n; ++i) u.push_back((static_cast<double>(i) + 0.5) / static_cast<double>(n));
  const Tensor symbols = at::tensor(drawn(logits, u, options), at::kLong);
  return symbols.bincount({}, static_cast<int64_t>(logits.size())).to(at::kDouble) / static_cast<double>(n);
}

template <class T>
std::vector<T> some_logits(int64_t symbols) {
  Rng rng(1, "logits");
  const Tensor drawn = 2 * rng.normal({symbols}, at::kDouble);
  std::vector<T> all;
  for (int64_t i = 0; i < symbols; ++i) all.push_back(static_cast<T>(drawn[i].item<double>()));
  return all;
}

TEST(DrawSymbol, IsTheInverseOfTheCumulativeDistribution) {
  for (const int64_t symbols : {1, 2, 7, 256, 257, 1000}) {
    const auto logits = some_logits<double>(symbols);
    const Tensor p = at::tensor(logits, at::kDouble).softmax(0);
    EXPECT_TRUE(all_at_most((shares(logits, {}) - p).abs(), 1.1e-5)) << symbols;
    EXPECT_TRUE(all_at_most((shares(some_logits<float>(symbols), {}) - p).abs(), 1.5e-5)) << symbols;
  }
}

TEST(DrawSymbol, TemperatureIsAPowerOfTheProbabilities) {
  DrawOptions options;
  options.temperature = 0.5;
  const auto logits = some_logits<double>(9);
  const Tensor p = at::tensor(logits, at::kDouble).softmax(0).square();
  EXPECT_TRUE(all_at_most((shares(logits, options) - p / p.sum()).abs(), 1.1e-5));
}

TEST(DrawSymbol, TheNucleusHasTheMostProbableSymbols) {
  DrawOptions options;
  options.top_p = 0.75;
  const std::vector<double> logits{std::log(0.1), std::log(0.5), std::log(0.05), std::log(0.35)};
  const Tensor expected = at::tensor({0., 0.5 / 0.85, 0., 0.35 / 0.85}, at::kDouble);
  EXPECT_TRUE(all_at_most((shares(logits, options) - expected).abs(), 1.1e-5));
  options.top_p = 0.4;
  EXPECT_TRUE(near(shares(logits, options), at::tensor({0., 1., 0., 0.}, at::kDouble), 0));
}

TEST(DrawSymbol, ImpossibleSymbolsNeverCome) {
  const float never = -std::numeric_limits<float>::infinity();
  const std::vector<float> logits{never, 0, never, 1, never};
  for (const double u : {0.0, 0.25, 0.5, 1 - 0x1p-53}) {
    const int64_t symbol = drawn(logits, {u}, {})[0];
    EXPECT_TRUE(symbol == 1 || symbol == 3) << u;
  }
  for (const float bad : {std::nanf(""), never}) {
    const std::vector<float> all(3, bad);
    EXPECT_EQ(drawn(all, {0.5}, {})[0], -1);
  }
}

// Symbols of small probability in float32, which tricks with Gumbel noise in float32 would never draw (Zheng et al.
// 2024).
TEST(DrawSymbol, RareSymbolsComeInFloat32) {
  const std::vector<float> logits{0, -23};  // 1e-10
  const double p = 1 / (1 + std::exp(23.));
  EXPECT_EQ(drawn(logits, {1 - 0.9 * p, 1 - 1.1 * p}, {}), (std::vector<int64_t>{1, 0}));
}

TEST(EventRandom, NumbersAreUniformAndDifferInEveryArgument) {
  Rng rng(1, "events");
  const EventRandom random(rng);
  std::vector<double> all;
  for (int64_t row = 0; row < 40; ++row)
    for (int64_t place = 0; place < 40; ++place)
      for (int64_t step = 0; step < 5; ++step)
        for (uint32_t use = 0; use < 2; ++use)
          for (const double u : random.uniform(row, place, step, use)) all.push_back(u);
  const Tensor sorted = std::get<0>(at::tensor(all, at::kDouble).sort());
  const auto n = static_cast<double>(all.size());
  EXPECT_GT(sorted.diff().min().item<double>(), 0) << "no number twice";
  // Kolmogorov and Smirnov: above 1.95 / sqrt(n) with probability 1e-3.
  const Tensor steps = (at::arange(sorted.size(0), at::kDouble) + 0.5) / n;
  EXPECT_LT((sorted - steps).abs().max().item<double>(), 1.95 / std::sqrt(n) + 0.5 / n);
}

}  // namespace
}  // namespace genmatch
