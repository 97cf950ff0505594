// The laws of Metric in core/measure/evaluation.h.
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "tests/conformance/cases.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);

// A flow on the plane that turns and stretches.
Tensor matrix() { return at::tensor({0.3, -1.2, 0.4, -0.2}, at::kDouble).reshape({2, 2}); }

class MetricLaws : public testing::TestWithParam<Case> {
 protected:
  MetricLaws() : metric_(read_component<MetricChoice>(GetParam()).make()) {}
  void SetUp() override {
    try {
      metric_->check({make_space("{type: euclidean, dim: 2}")});
    } catch (const OptionError&) {
      GTEST_SKIP() << "is for other spaces: tests/discrete/evaluation_test.cpp";
    }
  }

  // The metric of a flow, on `rows` test rows that come from the flow of matrix().
  Estimate value(const GeneratorPtr& generator, uint64_t seed, const DivergenceOptions& divergence,
                 int64_t rows) const {
    Bench bench({"{type: euclidean, dim: 2}"}, "{type: rk4, steps: 4}");
    bench.seed = seed;
    bench.options.divergence = divergence;
    bench.options.samples = rows;
    bench.fill(0, 0, rows);
    bench.splits.test.x[0] = at::matmul(bench.splits.test.x[0], at::linalg_matrix_exp(matrix()).t());
    bench.fill_times(rows, matrix());
    Evaluation evaluation = bench.evaluation(generator, kFloat64);
    return metric_->value(evaluation);
  }
  double sign() const { return metric_->better() == Better::higher ? -1 : 1; }

  std::shared_ptr<Metric> metric_;
  GeneratorPtr own_ = std::make_shared<LinearFlow>(matrix()), other_ = std::make_shared<LinearFlow>(-matrix());
};

TEST_P(MetricLaws, 1_TheProcessOfTheDataScoresBetter) {
  if (!metric_->measures_fit()) GTEST_SKIP() << "tells what a process costs, or what its target is";
  const Estimate own = value(own_, 1, {}, 2000), other = value(other_, 1, {}, 2000);
  EXPECT_LT(sign() * own.mean + 4 * std::hypot(own.sem, other.sem), sign() * other.mean);
}

TEST_P(MetricLaws, 2_StandardErrorIsTheScatterOverTestSets) {
  // The variance of n values has a relative standard error of sqrt(2 / (n - 1)) about theirs.
  constexpr int64_t n = 200;
  const double bound = 4 * std::sqrt(2.0 / (n - 1));
  for (const bool right : {true, false}) {
    Tensor means = at::empty({n}, kFloat64), variances = at::empty({n}, kFloat64);
    for (int64_t i = 0; i < n; ++i) {
      const Estimate e = value(right ? own_ : other_, static_cast<uint64_t>(i), {}, 60);
      means[i] = e.mean;
      variances[i] = e.sem * e.sem;
    }
    if (variances.max().item<double>() == 0) {  // as sure as it says
      EXPECT_EQ(means.max().item<double>(), means.min().item<double>());
      continue;
    }
    const double ratio = means.var().item<double>() / variances.mean().item<double>();
    EXPECT_LT(ratio, 1 + bound) << right;
    EXPECT_GT(ratio, (right ? 0.25 : 1) * (1 - bound)) << right;
  }
}

INSTANTIATE_TEST_SUITE_P(Metrics, MetricLaws, testing::ValuesIn(cases("metric")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
