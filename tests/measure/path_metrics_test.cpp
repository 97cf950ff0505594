#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);

// x0 -> (1 - t) x0 + t (shift + scale x0): the optimal transport of N(0, I) to N(shift, diag(scale)^2), in constant
// speed.
class OptimalFlow final : public Generator {
 public:
  OptimalFlow(Tensor shift, Tensor scale) : shift_(std::move(shift)), scale_(std::move(scale)) {}
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    const Tensor time = t.unsqueeze(1), x0 = (x[0] - time * shift_) / (1 + time * (scale_ - 1));
    Coefficients c;
    c.drift = shift_ + (scale_ - 1) * x0;
    return {c};
  }

 private:
  Tensor shift_, scale_;
};

class Noise final : public Generator {
 public:
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    Coefficients c;
    c.variance = at::ones_like(t) + 0 * x[0].sum();
    return {c};
  }
};

Estimate value(const std::string& metric, Bench& bench, const GeneratorPtr& generator) {
  Evaluation evaluation = bench.evaluation(generator, kFloat64);
  return chosen<MetricChoice>(metric).make()->value(evaluation);
}

const Tensor& shift() {
  static const Tensor x = at::tensor({6., 0.}, at::kDouble);
  return x;
}
const Tensor& scale() {
  static const Tensor x = at::tensor({2., 0.5}, at::kDouble);
  return x;
}

Bench plane(const std::string& stepper) { return Bench({"{type: euclidean, dim: 2}"}, stepper); }

TEST(PathMetrics, OfOptimalTransportBetweenGaussians) {
  for (const char* stepper : {"{type: rk4, steps: 10}", "{type: dopri5, tolerance: 1e-8}"}) {
    Bench bench = plane(stepper);
    bench.fill(0, 0, 1000);
    bench.splits.test.x[0] = shift() + scale() * bench.splits.test.x[0];
    const auto flow = std::make_shared<OptimalFlow>(shift(), scale());
    const Estimate energy = value("{type: path_energy, points: 4000}", bench, flow);
    EXPECT_NEAR(energy.mean, 36 + 1 + 0.25, 4 * energy.sem) << stepper;
    EXPECT_LT(energy.sem, 0.3);
    EXPECT_NEAR(value("straightness", bench, flow).mean, 0, 1e-6) << stepper;
    const Estimate npe = value("npe", bench, flow);
    EXPECT_EQ(npe.n, 1000);
    EXPECT_NEAR(npe.mean, 0, 4 * npe.sem + 0.005) << stepper;  // the bias of the empirical W2
    EXPECT_LT(npe.sem, 0.03);
  }
}

// A half turn: |v| = pi |x0| and |x1 - x0| = 2 |x0|, where E|x0|^2 = 2.
TEST(PathMetrics, OfAHalfTurn) {
  Bench bench = plane("{type: rk4, steps: 100}");
  bench.fill(0, 0, 1000);
  bench.splits.test.x[0] += shift();
  const auto turn = std::make_shared<LinearFlow>(at::tensor({0., -M_PI, M_PI, 0.}, at::kDouble).reshape({2, 2}));
  const Estimate energy = value("path_energy", bench, turn), bent = value("straightness", bench, turn);
  EXPECT_NEAR(energy.mean, 2 * M_PI * M_PI, 4 * energy.sem);
  EXPECT_NEAR(bent.mean, 2 * (M_PI * M_PI - 4), 4 * bent.sem);
  EXPECT_NEAR(bent.mean / energy.mean, 1 - 4 / (M_PI * M_PI), 1e-3);  // for every path
  const Estimate npe = value("npe", bench, turn);
  EXPECT_NEAR(npe.mean, 1 - 2 * M_PI * M_PI / 36, 4 * npe.sem + 0.005);
}

TEST(PathMetrics, TheTrapezoidRuleIsOfSecondOrder) {
  // x' = x: the energy of a path is |x0|^2 (e^2 - 1) / 2.
  const auto grow = std::make_shared<LinearFlow>(at::eye(2, kFloat64));
  const auto energy = [&](int steps) {
    Bench bench = plane("{type: rk4, steps: " + std::to_string(steps) + "}");
    return value("path_energy", bench, grow).mean;
  };
  const double fine = energy(200);
  EXPECT_NEAR((energy(10) - fine) / (energy(20) - fine), 4, 0.2);
}

TEST(PathMetrics, SumOverFactorsInTheirMetric) {
  // The first factor moves, the others rest.
  Bench bench({"{type: euclidean, dim: 2}", "{type: sphere, dim: 2}"}, "{type: rk4, steps: 50}");
  const auto grow = std::make_shared<LinearFlow>(at::eye(2, kFloat64));
  const Estimate energy = value("{type: path_energy, points: 4000}", bench, grow);
  EXPECT_NEAR(energy.mean, std::exp(2) - 1, 4 * energy.sem + 0.001);
  EXPECT_THROW(chosen<MetricChoice>("straightness").make()->check(spaces(bench.factors)), OptionError);
}

TEST(PathMetrics, RefuseWhatIsNoFlow) {
  Bench bench = plane("{type: euler, steps: 4}");
  bench.fill(0, 0, 20);
  for (const char* metric : {"path_energy", "straightness", "npe"}) {
    EXPECT_THROW(value(metric, bench, std::make_shared<Noise>()), ContractError) << metric;
    EXPECT_THROW(value(metric, bench, std::make_shared<LinearFlow>(at::full({2, 2}, 1e300, kFloat64))), NumericalError)
        << metric;
  }
  bench.fill(0, 0, 0);
  EXPECT_THROW(value("npe", bench, std::make_shared<LinearFlow>()), DataError);
  bench.observer.stop = true;
  EXPECT_THROW(value("path_energy", bench, std::make_shared<LinearFlow>()), Interrupted);
}

}  // namespace
}  // namespace genmatch
