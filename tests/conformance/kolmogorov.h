#pragma once
// The Kolmogorov forward equation as a statistical test: d/dt E f(x_t) = E (L_t f)(x_t) for many functions f.
#include <functional>
#include <vector>

#include "core/config/catalog.h"
#include "core/process/coefficients.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// Smooth functions on a product of spaces: half of them Fourier modes cos(<a, phi(x)> + b), half Gaussian bumps
/// exp(-|phi(x) - phi(c)|^2 / 2), phi being the features of all factors. On spheres, where phi(x) = x, these span
/// what spherical harmonics span; on tori, phi = (cos, sin).
class TestFunctions {
 public:
  TestFunctions(Spaces spaces, int64_t count, Rng& rng);
  int64_t count() const { return 2 * frequencies_.size(1); }
  Tensor operator()(const State& x) const;  ///< [B, count]

 private:
  Tensor features(const State& x) const;
  Spaces spaces_;
  Tensor frequencies_, phases_, centres_;
};

/// (L f)(x) for every f: [B, count]. Gradients by autograd, Laplacians by second differences along geodesics.
Tensor apply(const std::vector<Coefficients>& generator, const TestFunctions& f, const Spaces& spaces, const State& x);

/// x_t as a function of t at fixed randomness, n rows.
using SampleAt = std::function<State(double t)>;
using GeneratorAt = std::function<std::vector<Coefficients>(const State& x, const Tensor& t)>;

/// One z-score per test function: the mean of [f(x_{t+h}) - f(x_{t-h})] / 2h - (L_t f)(x_t), row by row, over its
/// standard error, to which the error of the differences (1e-6 of the size of the terms, h = 1e-4) is added.
Tensor kolmogorov_scores(const SampleAt& sample, const GeneratorAt& generator, const TestFunctions& f,
                         const Spaces& spaces, double t);

/// z-scores of the difference of means of two samples of f: [count].
Tensor two_sample_scores(const Tensor& a, const Tensor& b);

/// Whether the largest of the |scores| would be exceeded with probability below `level` if all were standard normal
/// (Bonferroni), i.e. whether the hypothesis of zero means is rejected. NaN rejects.
bool rejected(const Tensor& scores, double level = 1e-4);

}  // namespace genmatch
