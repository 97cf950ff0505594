#include "core/rng.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <functional>
#include <set>
#include <vector>

#include "core/errors.h"
#include "core/ops.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using Words = std::array<uint32_t, 4>;

// The vectors of Random123's kat_vectors.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Rng, StreamIsAFunctionOfSeedPurposeAndStep) {
  Rng a(1, "train/time", 7), b(1, "train/time", 7);
  EXPECT_TRUE(a.normal({5}, at::kDouble).equal(b.normal({5}, at::kDouble)));
  EXPECT_TRUE(a.uniform({5}, at::kDouble).equal(b.uniform({5}, at::kDouble)));
  std::set<uint64_t> first;
  for (uint64_t seed = 0; seed < 20; ++seed)
    for (const char* purpose : {"", "a", "b", "ab", "ba", "aa"})
      for (uint64_t step = 0; step < 20; ++step) first.insert(Rng(seed, purpose, step).bits());
  EXPECT_EQ(first.size(), 20u * 6 * 20);
}

TEST(Rng, ForkDoesNotDependOnWhatWasDrawn) {
  Rng parent(3, "sampling");
  const uint64_t before = parent.fork("probe", 2).bits();
  Rng untouched(3, "sampling");
  parent.normal({100}, at::kFloat);
  EXPECT_EQ(parent.fork("probe", 2).bits(), before);
  untouched.fork("probe", 2).bits();
  untouched.normal({100}, at::kFloat);
  EXPECT_EQ(parent.bits(), untouched.bits());
  EXPECT_NE(parent.fork("probe", 3).bits(), before);
}

TEST(Rng, CallsGiveFreshValues) {
  Rng rng(1, "x");
  const Tensor a = rng.uniform({3}, at::kDouble), b = rng.uniform({3}, at::kDouble);
  EXPECT_FALSE(at::isin(b, a).any().item<bool>());
}

// A batch of 10 rows in parts, with rows of odd and even length and of no number at all.
TEST(Rng, RowsGetTheSameInWhateverPartsTheyAreTaken) {
  const auto drawn = [](int64_t first, int64_t count, int64_t size) {
    Rng rng = Rng(4, "samples").fork("more").for_rows(first);
    const uint64_t bits = rng.bits();
    return std::vector<Tensor>{
        rng.normal({count, size}, at::kDouble),       rng.uniform({count}, at::kFloat),
        rng.rademacher({count, 3, size}, at::kFloat), rng.integers(1000, {count, size}),
        rng.normal({count, size}, at::kFloat),        at::full({count}, static_cast<double>(bits % 1000))};
  };
  for (const int64_t size : {0, 1, 2, 5}) {
    const auto all = drawn(0, 10, size), head = drawn(0, 3, size), tail = drawn(3, 7, size);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(at::cat({head[i], tail[i]}).equal(all[i])) << size << i;
  }
  EXPECT_THROW(Rng(1, "").for_rows(-1), ContractError);
}

TEST(Rng, RowsAndCallsOfRowsDiffer) {
  Rng rng = Rng(4, "samples").for_rows(2);
  const Tensor all = at::cat({rng.uniform({100, 3}, at::kDouble).flatten(), rng.uniform({100}, at::kDouble),
                              at::tensor({rng.uniform(), rng.uniform()}, at::kDouble)});
  EXPECT_GT(std::get<0>(all.sort()).diff().min().item<double>(), 0) << "no number twice";
}

TEST(Rng, ElementsDependOnTheirIndexOnly) {
  const int64_t n = 300001;  // several tasks
  const auto draw = [](int64_t count, int threads, at::IntArrayRef shape) {
    at::set_num_threads(threads);
    Rng rng(5, "index");
    return (shape.empty() ? rng.normal({count}, at::kDouble) : rng.normal(shape, at::kDouble)).flatten();
  };
  const int threads = at::get_num_threads();
  const Tensor one = draw(n, 1, {}), four = draw(n, 4, {}), part = draw(1001, 1, {}), shaped = draw(0, 1, {7, 11, 13});
  at::set_num_threads(threads);
  EXPECT_TRUE(one.equal(four));
  EXPECT_TRUE(one.narrow(0, 0, 1001).equal(part));
  EXPECT_TRUE(one.narrow(0, 0, 1001).equal(shaped));
}

TEST(Rng, Float32IsRoundedFloat64) {
  Rng a(5, "dtype"), b(5, "dtype");
  EXPECT_TRUE(a.uniform({999}, at::kFloat).equal(b.uniform({999}, at::kDouble).to(at::kFloat)));
  EXPECT_TRUE(a.normal({999}, at::kFloat).equal(b.normal({999}, at::kDouble).to(at::kFloat)));
  EXPECT_TRUE(a.rademacher({999}, at::kFloat).equal(b.rademacher({999}, at::kDouble).to(at::kFloat)));
  EXPECT_EQ(a.bits(), b.bits());
}

// One stream in 2^25 starts with a number that float32 would round up to 1; this is one of them.
TEST(Rng, UniformNeverReachesOne) {
  constexpr uint64_t kStep = 1280697;
  Rng a(0, "edge", kStep), b(0, "edge", kStep);
  const double exact = a.uniform();
  ASSERT_EQ(static_cast<float>(exact), 1.0f);
  ASSERT_LT(exact, 1);
  EXPECT_LT(b.uniform({1}, at::kFloat).item<float>(), 1.0f);
}

/// Kolmogorov's statistic sqrt(n) sup |F_n - F|; above 2.5 with probability 2 exp(-12.5) = 7e-6.
double kolmogorov(const Tensor& values, const std::function<double(double)>& cdf) {
  const Tensor sorted = std::get<0>(values.to(at::kDouble).flatten().sort());
  const double n = static_cast<double>(sorted.numel());
  double sup = 0;
  for (int64_t i = 0; i < sorted.numel(); ++i) {
    const double f = cdf(sorted.data_ptr<double>()[i]);
    sup = std::max({sup, std::abs(f - i / n), std::abs(f - (i + 1) / n)});
  }
  return std::sqrt(n) * sup;
}

TEST(Rng, UniformAndNormalFollowTheirLaws) {
  Rng rng(11, "laws");
  const boost::math::normal normal;
  EXPECT_LT(kolmogorov(rng.uniform({200000}, at::kDouble), [](double u) { return u; }), 2.5);
  EXPECT_LT(kolmogorov(rng.normal({200000}, at::kDouble), [&](double z) { return cdf(normal, z); }), 2.5);
  EXPECT_LT(kolmogorov(rng.normal({200000}, at::kFloat), [&](double z) { return cdf(normal, z); }), 2.5);
}

TEST(Rng, NeighboursAreUncorrelated) {
  Rng rng(12, "pairs");
  const int64_t n = 200000;
  const Tensor z = rng.normal({n}, at::kDouble);
  for (const int64_t lag : {1, 2, 3, 4}) {
    const Tensor a = z.narrow(0, 0, n - lag), b = z.narrow(0, lag, n - lag);
    EXPECT_LT(std::abs((a * b).mean().item<double>()), 5 / std::sqrt(double(n))) << lag;
    EXPECT_LT(std::abs(((a.square() - 1) * (b.square() - 1)).mean().item<double>()), 5 * 2 / std::sqrt(double(n)))
        << lag;
  }
}

TEST(Rng, RademacherIsFair) {
  Rng rng(13, "signs");
  const Tensor s = rng.rademacher({100000}, at::kFloat);
  EXPECT_TRUE(s.abs().eq(1).all().item<bool>());
  EXPECT_LT(std::abs(s.mean().item<double>()), 5 / std::sqrt(1e5));
}

TEST(Rng, IntegersFillTheirRangeEvenly) {
  Rng rng(14, "integers");
  const Tensor counts = rng.integers(7, {70000}).bincount({}, 7).to(at::kDouble);
  ASSERT_EQ(counts.numel(), 7);
  EXPECT_LT(((counts - 1e4).square() / 1e4).sum().item<double>(), 45);  // chi^2 with 6 degrees: P < 5e-8
  EXPECT_TRUE(rng.integers(1, {10}).eq(0).all().item<bool>());
  const Tensor wide = rng.integers(int64_t{1} << 62, {1000});
  EXPECT_TRUE(wide.ge(0).all().item<bool>() && wide.lt(int64_t{1} << 62).all().item<bool>());
  EXPECT_NEAR(wide.to(at::kDouble).mean().item<double>() / 0x1p62, 0.5, 5 * std::sqrt(1. / 12 / 1000));
}

TEST(Rng, PermutationsAreAllEquallyLikely) {
  Rng rng(15, "permutations");
  std::vector<int64_t> counts(24);
  for (int i = 0; i < 24000; ++i) {
    const Tensor p = rng.permutation(4);
    const int64_t* v = p.data_ptr<int64_t>();
    int64_t rank = 0;  // Lehmer code
    for (int j = 0; j < 4; ++j)
      rank = rank * (4 - j) + std::count_if(v + j + 1, v + 4, [&](int64_t later) { return later < v[j]; });
    ++counts.at(static_cast<std::size_t>(rank));
  }
  double chi2 = 0;
  for (const int64_t c : counts) chi2 += (c - 1e3) * (c - 1e3) / 1e3;
  EXPECT_LT(chi2, 80);  // 23 degrees: P < 1e-7
  EXPECT_EQ(rng.permutation(0).numel(), 0);
  EXPECT_TRUE(std::get<0>(rng.permutation(1000).sort()).equal(at::arange(1000)));
}

TEST(Rng, EmptyShapesAndScalars) {
  Rng rng(1, "empty");
  EXPECT_EQ(rng.normal({0, 3}, at::kFloat).sizes(), at::IntArrayRef({0, 3}));
  EXPECT_EQ(rng.uniform({}, at::kDouble).dim(), 0);
  EXPECT_EQ(rng.integers(5, {0}).numel(), 0);
}

TEST(Rng, RefusesBadArguments) {
  Rng rng(1, "errors");
  EXPECT_THROW(rng.normal({2}, at::kLong), ContractError);
  EXPECT_THROW(rng.uniform({2}, at::kHalf), ContractError);
  EXPECT_THROW(rng.integers(0, {2}), ContractError);
  EXPECT_THROW(rng.permutation(-1), ContractError);
}

}  // namespace
}  // namespace genmatch
