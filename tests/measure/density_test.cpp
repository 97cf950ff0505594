#include "core/measure/density.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/measure/kernel_table.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);

State draw(const Spaces& spaces, int64_t n, const char* purpose) {
  Rng rng(3, purpose);
  State x;
  for (const SpacePtr& space : spaces) x.push_back(space->sample(n, rng, kFloat64));
  return x;
}

// The sum as it is written.
Tensor slow_kernel_mean(const Spaces& spaces, const State& centres, const State& x, const std::vector<double>& k,
                        bool leave_own_out) {
  const int64_t m = x[0].size(0), n = centres[0].size(0);
  Tensor result = at::empty({m}, kFloat64);
  for (int64_t i = 0; i < m; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (leave_own_out && i == j) continue;
      double product = 1;
      for (std::size_t f = 0; f < spaces.size(); ++f)
        product *= std::exp(spaces[f]->manifold()->log_kernel(x[f][i], centres[f][j], k[f]).item<double>());
      sum += product;
    }
    result[i] = std::log(sum / static_cast<double>(leave_own_out ? n - 1 : n));
  }
  return result;
}

const Spaces& product() {
  static const Spaces all{make_space("{type: sphere, dim: 2}"), make_space("{type: euclidean, dim: 1}")};
  return all;
}

TEST(LogKernelMeanTest, EqualsThePlainSum) {
  const State centres = draw(product(), 40, "centres"), x = draw(product(), 7, "rows");
  const Tensor got = log_kernel_mean(product(), centres, x, {5, 2});
  EXPECT_TRUE(at::allclose(got, slow_kernel_mean(product(), centres, x, {5, 2}, false), 1e-12, 1e-12));
}

TEST(LogKernelMeanTest, LeavesOwnCentreOut) {
  const State x = draw(product(), 20, "rows");
  const Tensor got = log_kernel_mean(product(), x, x, {5, 2}, at::arange(20, at::kLong));
  EXPECT_TRUE(at::allclose(got, slow_kernel_mean(product(), x, x, {5, 2}, true), 1e-12, 1e-12));
}

TEST(LogKernelMeanTest, BlocksMakeNoDifference) {
  // 9000 centres and 70 rows take several blocks both ways; the mean over three parts is the mean of their means.
  const Spaces space{make_space("{type: torus, dim: 2}")};
  const State centres = draw(space, 9000, "centres"), x = draw(space, 70, "rows");
  Tensor sum = at::zeros({70}, kFloat64);
  for (int64_t part = 0; part < 3; ++part)
    sum += log_kernel_mean(space, {centres[0].narrow(0, 3000 * part, 3000)}, x, {20.0}).exp() / 3;
  EXPECT_TRUE(at::allclose(log_kernel_mean(space, centres, x, {20.0}), sum.log(), 1e-12, 1e-12));
}

TEST(LogKernelMeanTest, FarAwayRowsDoNotUnderflow) {
  const Spaces space{make_space("{type: euclidean, dim: 1}")};
  const Tensor got = log_kernel_mean(space, {at::zeros({2, 1}, kFloat64)}, {at::full({1, 1}, 1e3, kFloat64)}, {1.0});
  EXPECT_NEAR(got[0].item<double>(), -0.5e6 - 0.5 * std::log(2 * M_PI), 1e-6);
}

TEST(LogKernelMeanTest, EmptyBatchesAndLonelyCentres) {
  const State one = draw(product(), 1, "one"), none = draw(product(), 0, "none");
  EXPECT_EQ(log_kernel_mean(product(), one, none, {1, 1}).numel(), 0);
  EXPECT_EQ(log_kernel_mean(product(), one, one, {1, 1}, at::zeros({1}, at::kLong))[0].item<double>(), -INFINITY);
}

TEST(KernelTableTest, AgreesWithLogKernelMean) {
  // Concentrations over the whole range, the duplicates of sharp kernels among the centres.
  State centres = draw(product(), 200, "centres");
  State x = draw(product(), 30, "rows");
  for (std::size_t f = 0; f < 2; ++f) x[f].narrow(0, 0, 5).copy_(centres[f].narrow(0, 7, 5));
  const KernelTable table(product(), centres, x, {1e7, 1e6});
  for (const std::vector<double>& k : {std::vector<double>{1, 0.1}, {30, 5}, {1e7, 20}, {3, 1e6}, {1e7, 1e6}}) {
    const Tensor exact = log_kernel_mean(product(), centres, x, k);
    EXPECT_TRUE(at::allclose(table.log_mean(k), exact, 1e-6, 1e-5)) << k[0] << " " << k[1];
  }
}

TEST(KernelTableTest, LeavesOwnCentreOut) {
  const State x = draw(product(), 20, "rows");
  const Tensor own = at::tensor({3, 19, 4}, at::kLong);
  const State some{x[0].index_select(0, own), x[1].index_select(0, own)};
  const KernelTable table(product(), x, some, {100, 100}, own);
  EXPECT_TRUE(at::allclose(table.log_mean({7, 9}), log_kernel_mean(product(), x, some, {7, 9}, own), 1e-6, 1e-5));
}

TEST(KernelTableTest, EmptyBatches) {
  const State none = draw(product(), 0, "none"), one = draw(product(), 1, "one");
  EXPECT_EQ(KernelTable(product(), one, none, {1, 1}).log_mean({1, 1}).numel(), 0);
  EXPECT_EQ(KernelTable(product(), one, one, {1, 1}, at::zeros({1}, at::kLong)).log_mean({1, 1})[0].item<double>(),
            -INFINITY);
}

TEST(LogMixtureTest, KnownAnswers) {
  const Tensor a = at::tensor({std::log(2.0), -INFINITY, -1e4}, at::kDouble);
  const Tensor b = at::tensor({std::log(6.0), std::log(4.0), -2e4}, at::kDouble);
  const Tensor expected = at::tensor({std::log(3.0), 0.0, -1e4 + std::log(0.75)}, at::kDouble);
  EXPECT_TRUE(at::allclose(log_mixture(a, b, 0.25), expected, 0, 1e-12));
  EXPECT_TRUE(log_mixture(a, b, 0).equal(a));
  EXPECT_TRUE(log_mixture(a, b, 1).equal(b));
}

}  // namespace
}  // namespace genmatch
