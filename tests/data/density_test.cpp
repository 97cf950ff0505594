// Laws with a density: it integrates to one, and the rows follow it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <boost/math/special_functions/bessel.hpp>
#include <cmath>

#include "core/ops.h"
#include "core/rng.h"
#include "tests/data/make_dataset.h"

namespace genmatch {
namespace {

std::shared_ptr<Dataset> make(const std::string& options, int dim = 2) {
  return make_dataset("{space: {type: euclidean, dim: " + std::to_string(dim) + "}, data: {" + options + "}}", ".")
      .dataset;
}

Tensor log_density(const Dataset& dataset, const Tensor& x) { return dataset.log_density({x}); }

// The panels of a square, each integrated by ten Gauss–Legendre nodes a side.
struct Square {
  double low, high;
  int64_t panels;
};

Tensor nodes_of_a_panel() {
  std::vector<double> x;
  for (const double a : boost::math::quadrature::gauss<double, 10>::abscissa())
    x.insert(x.end(), {0.5 - a / 2, 0.5 + a / 2});
  return at::tensor(x, at::kDouble);
}
Tensor weights_of_a_panel() {
  std::vector<double> w;
  for (const double a : boost::math::quadrature::gauss<double, 10>::weights()) w.insert(w.end(), {a / 2, a / 2});
  return at::tensor(w, at::kDouble);
}

// The probability of each panel, [panels, panels], x first.
Tensor probabilities(const Dataset& dataset, const Square& s) {
  const double width = (s.high - s.low) / static_cast<double>(s.panels);
  const Tensor nodes =
      (s.low + width * (at::arange(s.panels, at::kDouble).unsqueeze(1) + nodes_of_a_panel())).flatten();
  const auto grid = at::meshgrid({nodes, nodes}, "ij");
  const Tensor p = log_density(dataset, at::stack({grid[0].flatten(), grid[1].flatten()}, 1)).exp();
  const Tensor weights = width * weights_of_a_panel(), table = p.reshape({s.panels, 10, s.panels, 10});
  return (table * weights.reshape({1, 10, 1, 1}) * weights).sum(at::IntArrayRef{1, 3});
}

// Pearson's statistic over panels that expect at least five rows; the others together are one more.
void expect_rows_follow(const Tensor& x, const Tensor& probabilities, const Square& s) {
  const Tensor cell = ((x - s.low) * (static_cast<double>(s.panels) / (s.high - s.low))).floor().to(at::kLong);
  ASSERT_TRUE(cell.ge(0).logical_and(cell.lt(s.panels)).all().item<bool>());
  const Tensor counts =
      at::bincount(cell.select(1, 0) * s.panels + cell.select(1, 1), {}, s.panels * s.panels).to(at::kDouble);
  const Tensor expected = static_cast<double>(x.size(0)) * probabilities.flatten();
  const Tensor many = expected.ge(5);
  Tensor e = expected.index({many}), c = counts.index({many});
  const double rest = expected.sum().item<double>() - e.sum().item<double>();
  EXPECT_NEAR(static_cast<double>(x.size(0)) - c.sum().item<double>(), rest, 5 * std::sqrt(rest + 5));
  const double df = static_cast<double>(e.numel()), statistic = ((c - e).square() / e).sum().item<double>();
  EXPECT_GT(df, 30);
  EXPECT_NEAR(statistic, df, 5 * std::sqrt(2 * df));
}

struct PlaneLaw {
  std::string name, options;
  Square square;
};

class PlaneDensity : public testing::TestWithParam<PlaneLaw> {};

TEST_P(PlaneDensity, IntegratesToOneAndIsThatOfTheRows) {
  const auto dataset = make(GetParam().options + ", rows: 20000, split: {validation: 0, test: 0}");
  const Tensor p = probabilities(*dataset, GetParam().square);
  EXPECT_NEAR(p.sum().item<double>(), 1, 1e-8);
  expect_rows_follow(dataset->load(3).train.x[0], p, GetParam().square);
}

INSTANTIATE_TEST_SUITE_P(
    Laws, PlaneDensity,
    testing::Values(PlaneLaw{"eight_gaussians", "type: eight_gaussians, radius: 2, noise: 0.3", {-5, 5, 20}},
                    PlaneLaw{"checkerboard", "type: checkerboard, cells: 4, half_width: 2", {-3, 3, 12}},
                    PlaneLaw{"moons", "type: moons, noise: 0.1, scale: 2, offset: [-1, 0.5]", {-5, 5, 20}},
                    PlaneLaw{"s_curve", "type: s_curve, noise: 0.2, scale: 1.5", {-5, 5, 20}},
                    PlaneLaw{"swiss_roll", "type: swiss_roll, noise: 1", {-4.5, 4.5, 18}},
                    PlaneLaw{"two_spirals", "type: two_spirals, noise: 0.6", {-4.5, 4.5, 18}},
                    PlaneLaw{"rings", "type: rings, radii: [1, 2], noise: 0.2", {-3.5, 3.5, 14}},
                    PlaneLaw{"pinwheel", "type: pinwheel", {-8, 8, 100}},
                    PlaneLaw{"gaussian_mixture",
                             "type: gaussian_mixture, means: [[-1, 0], [1, 1]], scales: [0.5, 0.3], weights: [1, 3]",
                             {-5, 5, 24}}),
    [](const auto& info) { return info.param.name; });

// A blurred circle has a closed form: exp(-(r^2 + R^2) / 2 s^2) I_0(r R / s^2) / (2 pi s^2).
TEST(Rings, HaveTheDensityOfBesselsFunction) {
  for (const double noise : {0.02, 0.3}) {
    const auto dataset = make("type: rings, radii: [1.5], noise: " + std::to_string(noise));
    for (const double r : {0.2, 1.45, 1.5, 1.7}) {
      const double z = r * 1.5 / (noise * noise);
      const double bessel = z > 500 ? z - 0.5 * std::log(2 * M_PI * z) + std::log1p(1 / (8 * z) + 9 / (128 * z * z))
                                    : std::log(boost::math::cyl_bessel_i(0, z));
      const double expected = bessel - (r * r + 2.25) / (2 * noise * noise) - std::log(2 * M_PI * noise * noise);
      const Tensor x = at::tensor({r * std::cos(1.), r * std::sin(1.)}, at::kDouble).unsqueeze(0);
      // The asymptotic series of I_0 is cut after the second term.
      EXPECT_NEAR(log_density(*dataset, x).item<double>(), expected, 1e-8 + (z > 500 ? 0.1 / (z * z * z) : 0)) << r;
    }
  }
}

TEST(SwissRoll, HasTheDensityOfTheAdaptiveIntegral) {
  const auto dataset = make("type: swiss_roll, noise: 0.5, scale: 1");
  for (const auto& [x, y] : {std::pair{4., 3.}, {-9., 2.}, {0., 0.}, {13., 5.}}) {
    const auto integrand = [x = x, y = y](double t) {
      const double dx = x - t * std::cos(t), dy = y - t * std::sin(t);
      return std::exp(-(dx * dx + dy * dy) / 0.5) / (0.5 * M_PI);
    };
    const double expected =
        boost::math::quadrature::gauss_kronrod<double, 61>::integrate(integrand, 1.5 * M_PI, 4.5 * M_PI, 15, 1e-12) /
        (3 * M_PI);
    const double got = log_density(*dataset, at::tensor({x, y}, at::kDouble).unsqueeze(0)).item<double>();
    EXPECT_NEAR(std::exp(got) / expected, 1, 1e-8) << x << " " << y;
  }
}

TEST(Densities, AreUnknownWhereThereIsNone) {
  for (const char* options : {"type: moons, noise: 0", "type: eight_gaussians, noise: 0", "type: rings, noise: 1e-6"})
    EXPECT_FALSE(make(options)->log_density({at::zeros({3, 2}, at::kDouble)}).defined()) << options;
  const auto checkerboard = make("type: checkerboard");
  EXPECT_EQ(log_density(*checkerboard, at::full({1, 2}, 9., at::kDouble)).item<double>(), -INFINITY);
}

TEST(GaussianMixture, InAnyDimension) {
  const auto dataset = make(
      "type: gaussian_mixture, rows: 20000, components: 2, radius: 3, scales: [1, 0.5], weights: [1, 4], split: "
      "{validation: 0, test: 0}",
      5);
  const Splits splits = dataset->load(1);
  EXPECT_EQ(splits.train.columns.size(), 5u);
  const Tensor x = splits.train.x[0];
  // At (3, 0, 0, 0, 0) and (-3, 0, 0, 0, 0), too far apart to be mistaken for each other.
  const Tensor left = x.select(1, 0).lt(0);
  EXPECT_NEAR(left.to(at::kDouble).mean().item<double>(), 0.8, 5 * 0.4 / std::sqrt(20000.));
  EXPECT_NEAR(x.index({left}).select(1, 4).std().item<double>(), 0.5, 5 * 0.5 / std::sqrt(2 * 16000.));
  // -E ln p: the entropy of Gaussians that do not overlap, and of the choice between them.
  const double gaussian = 2.5 * (1 + std::log(2 * M_PI));
  const double entropy = gaussian + 0.8 * 5 * std::log(0.5) - 0.2 * std::log(0.2) - 0.8 * std::log(0.8);
  EXPECT_NEAR(-log_density(*dataset, x).mean().item<double>(), entropy, 5 * 2.5 / std::sqrt(20000.));
}

TEST(GaussianMixture, RefusesImpossibleOptions) {
  const auto message = [](const std::string& options, int dim = 2) {
    return message_of([&] { make("type: gaussian_mixture, " + options, dim); });
  };
  using testing::HasSubstr;
  EXPECT_THAT(message("means: [[1, 2], [3]]"), HasSubstr("means: rows of 2 numbers expected"));
  EXPECT_THAT(message("means: [[1, two]]"), HasSubstr("means: a finite number expected, got 'two'"));
  EXPECT_THAT(message("means: 3"), HasSubstr("means: a list of rows expected"));
  EXPECT_THAT(message("scales: [1, 2, 3]"), HasSubstr("scales: one number or one for each of 8 components expected"));
  EXPECT_THAT(message("weights: [0]"), HasSubstr("weights: numbers above 0 expected, got 0"));
  EXPECT_THAT(message("rows: 9", 1), HasSubstr("means: expected on a line"));
  EXPECT_THAT(message_of([] { make("type: rings, radii: [1, -1]"); }),
              HasSubstr("rings.radii: radii above 0 expected"));
}

}  // namespace
}  // namespace genmatch
