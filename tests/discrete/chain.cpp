#include "tests/discrete/chain.h"

#include <boost/math/distributions/chi_squared.hpp>

#include "discrete/posterior.h"
#include "tests/conformance/process_case.h"

namespace genmatch {
namespace {

Tensor all_words(const Alphabet& alphabet) {
  const int64_t places = alphabet.event_size(), values = alphabet.values();
  int64_t n = 1;
  for (int64_t i = 0; i < places; ++i) n *= values;
  std::vector<Tensor> digits;
  for (int64_t i = 0, weight = 1; i < places; ++i, weight *= values)
    digits.push_back(at::arange(n, at::kLong).div(weight, "floor").remainder(values));
  return at::stack(digits, 1).to(at::kDouble);
}

}  // namespace

Chain::Chain(const std::string& yaml)
    : factor(make_factor(yaml)),
      path(symbol_path(factor, "test")),
      alphabet(path.alphabet()),
      words(all_words(alphabet)) {}

Tensor Chain::number(const Tensor& x) const {
  Tensor sum = at::zeros({x.size(0)}, at::kLong);
  int64_t weight = 1;
  for (int64_t i = 0; i < places(); ++i, weight *= alphabet.values()) sum += weight * x.select(1, i).to(at::kLong);
  return sum;
}

Tensor Chain::matrix(const Tensor& rates) const {
  Tensor q = at::zeros({states(), states()}, at::kDouble);
  const Tensor from = at::arange(states(), at::kLong);
  for (int64_t i = 0; i < places(); ++i)
    for (int64_t v = 0; v < alphabet.values(); ++v) {
      Tensor moved = words.clone();
      moved.select(1, i).fill_(static_cast<double>(v));
      const Tensor to = number(moved), rate = rates.select(1, i).select(1, v);
      q.index_put_({to, from}, rate, /*accumulate=*/true);
      q.index_put_({from, from}, -rate, /*accumulate=*/true);
    }
  return q;
}

Tensor Chain::law(const Tensor& x, const Tensor& weights) const {
  return at::zeros({states()}, at::kDouble).index_add_(0, number(x), weights);
}

const std::vector<std::string>& chains() {
  static const std::vector<std::string> all{
      "{space: {type: alphabet, symbols: 3, shape: [2]}, source: uniform, path: mixture, generator: {type: ctmc, "
      "predict: posterior}}",
      "{space: {type: alphabet, symbols: 2, shape: [3], mask: true}, source: mask, path: mixture, generator: {type: "
      "ctmc, predict: posterior}}",
      "{space: {type: alphabet, symbols: 3, shape: [2], mask: true}, source: mask, path: {type: mixture, schedule: "
      "cosine}, generator: {type: ctmc, predict: posterior}}",
      "{space: {type: alphabet, symbols: 3, shape: [2]}, source: {type: symbols, probabilities: [1, 2, 3]}, path: "
      "{type: "
      "mixture, schedule: {type: exponential, rate: 2}}, generator: {type: ctmc, predict: posterior}}",
      "{space: {type: alphabet, symbols: 4, shape: [1]}, source: uniform, path: {type: mixture, schedule: polynomial}, "
      "generator: {type: ctmc, predict: posterior}}"};
  return all;
}

const std::vector<std::string>& metric_chains() {
  static const std::vector<std::string> all{
      "{space: {type: alphabet, symbols: 3, shape: [2]}, source: uniform, path: {type: metric, scale: 1}, generator: "
      "{type: ctmc, predict: posterior}}",
      "{space: {type: alphabet, symbols: 5, shape: [1]}, source: uniform, path: {type: metric, metric: cyclic, "
      "exponent: 1, power: 0.8}, generator: {type: ctmc, predict: posterior}}",
      "{space: {type: alphabet, symbols: 3, shape: [2]}, source: uniform, path: {type: metric, metric: embedding, "
      "embedding: [0, 0, 1, 0, 0, 3], scale: 2, power: 1.5}, generator: {type: ctmc, predict: posterior}}"};
  return all;
}

std::vector<std::string> all_chains() {
  std::vector<std::string> all = chains();
  all.insert(all.end(), metric_chains().begin(), metric_chains().end());
  return all;
}

SomeWords::SomeWords(const Chain& chain, int64_t count, uint64_t seed) {
  Rng rng(seed, "some words");
  const Tensor known = (chain.words < static_cast<double>(chain.alphabet.symbols())).all(1).nonzero().flatten();
  const Tensor chosen = known.index_select(0, rng.permutation(known.size(0)).narrow(0, 0, count));
  x = chain.words.index_select(0, chosen);
  const Tensor w = rng.uniform({count}, at::kDouble) + 0.2;
  weights = w / w.sum();
}

AnyDenoiser::AnyDenoiser(const Chain& chain, uint64_t seed) : chain_(chain) {
  Rng rng(seed, "any denoiser");
  const Shape shape{chain.states(), chain.places(), chain.alphabet.symbols()};
  constant_ = rng.normal(shape, at::kDouble);
  slope_ = rng.normal(shape, at::kDouble);
}

std::vector<Tensor> AnyDenoiser::logits(const State& x, const Tensor& t) const {
  const Tensor i = chain_.number(x.at(0));
  const Tensor noise = constant_.index_select(0, i) + slope_.index_select(0, i) * t.to(at::kDouble).reshape({-1, 1, 1});
  // As for any law of data: x_t is x1 with probability kappa, and else says nothing of it.
  const Tensor kappa = chain_.mixture().schedule().value(t.to(at::kDouble)).reshape({-1, 1, 1});
  const Tensor word = x[0].to(at::kDouble).unsqueeze(-1), p0 = chain_.mixture().source("test").take(word.to(at::kLong));
  const Tensor own = word == at::arange(chain_.alphabet.symbols(), at::kDouble);
  const Tensor evidence = at::where(word < static_cast<double>(chain_.alphabet.symbols()),
                                    kappa * own + (1 - kappa) * p0, at::ones_like(p0));
  return {
      (noise + (chain_.path.masked() ? at::ones_like(evidence) : evidence.clamp_min(1e-300)).log()).to(x[0].options())};
}

std::vector<Coefficients> AnyDenoiser::at(const State& x, const Tensor& t) const {
  return {{{}, {}, chain_.path.rates(x.at(0), t, log_posterior(chain_.path, x[0], logits(x, t)[0])), {}}};
}

double chi_square_p_value(const Tensor& counts, const Tensor& law) {
  const double n = counts.sum().item<double>();
  const Tensor expected = law * n, possible = expected >= 5;
  if ((counts.masked_select(law <= 0) > 0).any().item<bool>()) return 0;
  const double other_counts = counts.masked_select(possible.logical_not()).sum().item<double>();
  const double other = expected.masked_select(possible.logical_not()).sum().item<double>();
  double statistic = ((counts - expected).square() / expected).masked_select(possible).sum().item<double>();
  auto cells = possible.sum().item<int64_t>();
  if (other >= 5) {
    statistic += (other_counts - other) * (other_counts - other) / other;
    ++cells;
  }
  if (cells < 2) return 1;
  return boost::math::cdf(boost::math::complement(boost::math::chi_squared(static_cast<double>(cells - 1)), statistic));
}

}  // namespace genmatch
