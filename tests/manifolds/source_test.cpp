// Known moments, and what users are told when a source does not fit.
#include "core/process/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/math/special_functions/bessel.hpp>
#include <cmath>
#include <string>

#include "core/errors.h"
#include "core/ops.h"
#include "tests/manifolds/build.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

// E<mean, x> = I_{(n+1)/2}(k) / I_{(n-1)/2}(k) (Mardia & Jupp 2000, eq. 9.3.7), through Boost's own functions.
TEST(VonMisesFisher, MeanResultantLength) {
  for (const int n : {1, 2, 3, 7})
    for (const double k : {0.5, 5., 300.}) {
      const auto source = build_source("{type: sphere, dim: " + std::to_string(n) + "}",
                                       "{type: von_mises_fisher, concentration: " + std::to_string(k) + "}");
      Rng rng(4, "resultant");
      const int64_t count = 20000;
      const Tensor x = source->sample(count, rng, at::kDouble), cosine = x.select(-1, n);
      const double expected = boost::math::cyl_bessel_i(0.5 * (n + 1), k) / boost::math::cyl_bessel_i(0.5 * (n - 1), k);
      EXPECT_NEAR(cosine.mean().item<double>(), expected, 5 * cosine.std().item<double>() / std::sqrt(double(count)))
          << n << " " << k;
      const Tensor across = x.narrow(-1, 0, n).mean(0), spread = x.narrow(-1, 0, n).std(0, true);
      EXPECT_TRUE(all_at_most(across.abs() - 5 * spread / std::sqrt(double(count)), 0)) << n << " " << k;
    }
}

// At very high concentration k (1 - cos) -> Gamma(n/2): the mean is n/2, free of cancellation.
TEST(VonMisesFisher, HighConcentrationIsGaussianToRounding) {
  const auto source = build_source("{type: sphere, dim: 2}", "{type: von_mises_fisher, concentration: 1e12}");
  Rng rng(5, "narrow");
  const Tensor x = source->sample(20000, rng, at::kDouble);
  const Tensor half_square = 0.5e12 * x.narrow(-1, 0, 2).square().sum(-1);
  EXPECT_NEAR(half_square.mean().item<double>(), 1, 5 / std::sqrt(20000.));
}

// The first trigonometric moment is exp(-scale^2 / 2).
TEST(WrappedNormal, FirstMoment) {
  for (const double scale : {0.2, 1., 2.5}) {
    const auto source = build_source("{type: torus, dim: 1}",
                                     "{type: wrapped_normal, mean: [3], scale: " + std::to_string(scale) + "}");
    Rng rng(6, "moment");
    const Tensor x = source->sample(50000, rng, at::kDouble) - 3;
    EXPECT_NEAR(x.cos().mean().item<double>(), std::exp(-0.5 * scale * scale), 5 / std::sqrt(50000.));
    EXPECT_NEAR(x.sin().mean().item<double>(), 0, 5 / std::sqrt(50000.));
  }
}

TEST(Normal, MeanAndVariance) {
  const auto source = build_source("{type: euclidean, dim: 2}", "{type: normal, mean: [3, -1], scale: 2}");
  Rng rng(7, "moments");
  const Tensor x = source->sample(50000, rng, at::kDouble);
  EXPECT_TRUE(near(x.mean(0), at::tensor({3., -1.}, at::kDouble), 5 * 2 / std::sqrt(50000.)));
  EXPECT_TRUE(near(x.var(0), at::full({2}, 4., at::kDouble), 5 * std::sqrt(2. / 50000)));
  EXPECT_NEAR(source->log_density(at::tensor({3., 1.}, at::kDouble)).item<double>(),
              -std::log(2 * 3.14159265358979 * 4) - 0.5, 1e-14);
}

std::string complaint(const std::string& space, const std::string& source) {
  try {
    build_source(space, source);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no complaint";
}

TEST(Sources, SayWhatFitsInstead) {
  using testing::AllOf;
  using testing::HasSubstr;
  EXPECT_THAT(complaint("euclidean", "uniform"), AllOf(HasSubstr("R^2"), HasSubstr("{type: normal}")));
  EXPECT_THAT(complaint("sphere", "normal"), AllOf(HasSubstr("S^2"), HasSubstr("von_mises_fisher")));
  EXPECT_THAT(complaint("torus", "normal"), HasSubstr("wrapped_normal"));
  EXPECT_THAT(complaint("sphere", "wrapped_normal"), HasSubstr("needs a torus, not S^2"));
  EXPECT_THAT(complaint("torus", "von_mises_fisher"), HasSubstr("needs a sphere, not T^2"));
}

TEST(Sources, RefuseBadOptions) {
  using testing::AllOf;
  using testing::HasSubstr;
  EXPECT_THAT(complaint("euclidean", "{type: normal, mean: [1, 2, 3]}"),
              AllOf(HasSubstr("mean"), HasSubstr("2 coordinates expected"), HasSubstr("got 3")));
  EXPECT_THAT(complaint("euclidean", "{type: normal, scale: 0}"), HasSubstr("> 0"));
  EXPECT_THAT(complaint("torus", "{type: wrapped_normal, mean: [4, 0]}"), HasSubstr("no point of T^2"));
  EXPECT_THAT(complaint("sphere", "{type: von_mises_fisher, mean: [0, 0, 0]}"), HasSubstr("other than zero"));
  EXPECT_THAT(complaint("sphere", "{type: von_mises_fisher, mean: [1, 0]}"), HasSubstr("3 coordinates expected"));
  EXPECT_THAT(complaint("sphere", "{type: von_mises_fisher, concentration: -1}"), HasSubstr("concentration"));
  EXPECT_NE(complaint("sphere", "{type: von_mises_fisher, concentration: .inf}"), "no complaint");
  EXPECT_NE(complaint("torus", "{type: wrapped_normal, scale: .nan}"), "no complaint");
}

}  // namespace
}  // namespace genmatch
