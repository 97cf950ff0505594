#include "tests/conformance/kolmogorov.h"

#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/jvp.h"
#include "core/process/manifold.h"

namespace genmatch {

TestFunctions::TestFunctions(Spaces spaces, int64_t count, Rng& rng) : spaces_(std::move(spaces)) {
  const at::TensorOptions like = at::kDouble;
  int64_t features = 0;
  for (const SpacePtr& space : spaces_) features += space->feature_size();
  frequencies_ = rng.normal({features, count / 2}, like);
  phases_ = 2 * M_PI * rng.uniform({count / 2}, like);
  State centres;
  for (const SpacePtr& space : spaces_) centres.push_back(space->sample(count / 2, rng, like));
  centres_ = this->features(centres);
}

Tensor TestFunctions::features(const State& x) const {
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < spaces_.size(); ++i) all.push_back(spaces_[i]->features(x[i]));
  return at::cat(all, 1);
}

Tensor TestFunctions::operator()(const State& x) const {
  const Tensor phi = features(x);
  const Tensor squared = (phi.unsqueeze(1) - centres_).square().sum(-1);
  return at::cat({(phi.matmul(frequencies_) + phases_).cos(), (-0.5 * squared).exp()}, 1);
}

namespace {

State with(State x, std::size_t factor, const Tensor& value) {
  x[factor] = value;
  return x;
}

Tensor laplacian(const TestFunctions& f, const Manifold& m, const State& x, std::size_t factor) {
  constexpr double h = 1e-3;
  const Tensor middle = f(x);
  Tensor total = at::zeros_like(middle);
  for (const Tensor& e : m.tangent_basis(x[factor]).unbind(0)) {
    const Tensor up = f(with(x, factor, m.exp(x[factor], h * e)));
    const Tensor down = f(with(x, factor, m.exp(x[factor], -h * e)));
    total += (up - 2 * middle + down) / (h * h);
  }
  return total;
}

Tensor jumps(const Coefficients& c, const TestFunctions& f, const State& x, std::size_t factor) {
  if (!c.destinations.defined()) throw ContractError("apply: rates on an alphabet have no test functions here");
  const Tensor here = f(x);
  Tensor total = at::zeros_like(here);
  for (int64_t k = 0; k < c.rates.size(1); ++k) {
    total += c.rates.select(1, k).unsqueeze(1) * (f(with(x, factor, c.destinations.select(1, k))) - here);
  }
  return total;
}

}  // namespace

Tensor apply(const std::vector<Coefficients>& generator, const TestFunctions& f, const Spaces& spaces, const State& x) {
  State drift;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Tensor& u = generator[i].drift;
    drift.push_back((u.defined() ? u : at::zeros_like(x[i])).unsqueeze(0));
  }
  Tensor total = jvp([&](const State& points) { return std::vector<Tensor>{f(points)}; }, x, drift).derivative[0][0];
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Coefficients& c = generator[i];
    if (c.variance.defined()) {
      total = total + 0.5 * c.variance.unsqueeze(1) * laplacian(f, as_manifold(*spaces[i], "apply"), x, i);
    }
    if (c.rates.defined()) total = total + jumps(c, f, x, i);
  }
  return total;
}

Tensor kolmogorov_scores(const SampleAt& sample, const GeneratorAt& generator, const TestFunctions& f,
                         const Spaces& spaces, double t) {
  constexpr double h = 1e-4;
  const Tensor rate = (f(sample(t + h)) - f(sample(t - h))) / (2 * h);
  const State x = sample(t);
  const Tensor expected = apply(generator(x, at::full({x[0].size(0)}, t, x[0].options())), f, spaces, x);
  const Tensor difference = rate - expected;
  const Tensor standard_error = difference.std(0) / std::sqrt(static_cast<double>(difference.size(0)));
  const Tensor differencing = 1e-6 * (1 + rate.square().mean(0).sqrt());
  return difference.mean(0) / (standard_error + differencing);
}

Tensor two_sample_scores(const Tensor& a, const Tensor& b) {
  const Tensor variance = a.var(0) / a.size(0) + b.var(0) / b.size(0);
  return (a.mean(0) - b.mean(0)) / variance.sqrt();
}

bool rejected(const Tensor& scores, double level) {
  const double tail = level / (2.0 * static_cast<double>(scores.numel()));
  const double bound = boost::math::quantile(boost::math::complement(boost::math::normal(), tail));
  return !(scores.abs().max().item<double>() <= bound);
}

}  // namespace genmatch
