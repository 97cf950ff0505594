// The laws of core/process/manifold.h.
#include "core/process/manifold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "tests/conformance/cases.h"
#include "tests/manifold_sampling.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

class ManifoldLaws : public testing::TestWithParam<TypedCase> {
 protected:
  void SetUp() override {
    space_ = read_component<SpaceChoice>(GetParam().c).make();
    if (space_->manifold() == nullptr) GTEST_SKIP() << "no manifold";
  }
  const Manifold& m() const { return *space_->manifold(); }
  at::TensorOptions like() const { return at::TensorOptions().dtype(GetParam().dtype); }
  bool single() const { return GetParam().dtype == at::kFloat; }
  double roundings(double n) const { return n * (single() ? 0x1p-23 : 0x1p-52); }
  Tensor points(int64_t n) { return space_->sample(n, rng_, like()); }
  Tensor tangents(const Tensor& x, double length) { return random_tangent(m(), x, length, rng_); }
  Tensor noise(const Tensor& x) { return rng_.normal(x.sizes(), x.options()); }
  double reach() const { return genmatch::reach(m()); }

  /// The derivative of a vector-valued f along h -> exp_x(h e), by central differences (float64 only).
  Tensor slope(const std::function<Tensor(const Tensor&)>& f, const Tensor& x, const Tensor& e) const {
    const double h = 1e-5;
    return (f(m().exp(x, h * e)) - f(m().exp(x, -h * e))) / (2 * h);
  }

  SpacePtr space_;
  Rng rng_{3, "manifold laws"};
};

TEST_P(ManifoldLaws, 1_LogInvertsExp) {
  const Tensor x = points(100), zero = at::zeros_like(x);
  for (const double share : {1e-8, 1e-6, 1e-3, 0.03, 0.1, 0.5, 0.9}) {
    const double length = share * reach();
    const Tensor v = tangents(x, length);
    // Points are known to a rounding, so short vectors are too, in absolute terms; the last tenth of the way to the
    // antipode magnifies that tenfold.
    EXPECT_TRUE(near(m().log(x, m().exp(x, v)), v, roundings(60))) << length;
  }
  EXPECT_TRUE(near(m().exp(x, zero), x, roundings(4)));
  EXPECT_TRUE(near(m().log(x, x), zero, roundings(4)));
}

TEST_P(ManifoldLaws, 1_ExpInvertsLog) {
  const Tensor x = points(200), y = points(200);
  EXPECT_TRUE(all_at_most(m().distance(m().exp(x, m().log(x, y)), y), roundings(30)));
}

TEST_P(ManifoldLaws, 1_ShortVectorsKeepTheirRelativeAccuracy) {
  const Tensor x = points(50), y = m().exp(x, tangents(x, 1e-4 * reach()));  // the points as rounded
  const Tensor exact = m().log(m().project(x.to(at::kDouble)), m().project(y.to(at::kDouble)));
  EXPECT_TRUE(all_at_most((m().log(x, y).to(at::kDouble) - exact).abs(), roundings(4) * (single() ? 1 : 1e3)));
}

TEST_P(ManifoldLaws, 2_MapsLandOnTheManifold) {
  const Tensor x = points(100);
  for (const double length : {0.5, 1.0, 3.0, 10., 1000.}) {
    const Tensor v = tangents(x, length);
    EXPECT_TRUE(all_at_most(m().violation(m().exp(x, v)), roundings(10))) << length;
    EXPECT_TRUE(all_at_most(m().violation(m().retract(x, v)), roundings(10))) << length;
    EXPECT_TRUE(all_at_most(m().violation(m().project(length * noise(x))), roundings(10))) << length;
  }
  EXPECT_TRUE(near(m().project(x), x, roundings(4)));
  EXPECT_TRUE(all_at_most(m().violation(m().project(at::zeros_like(x))), roundings(10)));
}

TEST_P(ManifoldLaws, 2_ToTangentIsTheOrthogonalProjection) {
  const Tensor x = points(100), a = noise(x), b = noise(x), pa = m().to_tangent(x, a), pb = m().to_tangent(x, b);
  EXPECT_TRUE(near(m().to_tangent(x, pa), pa, roundings(10)));
  EXPECT_TRUE(near(m().inner(x, pa, b), m().inner(x, a, pb), roundings(50)));
  const Tensor v = tangents(x, 1);
  EXPECT_TRUE(near(m().to_tangent(x, v), v, roundings(10)));
}

TEST_P(ManifoldLaws, 3_LogIsAsLongAsTheDistance) {
  const Tensor x = points(200), y = points(200);
  EXPECT_TRUE(near(m().norm(x, m().log(x, y)), m().distance(x, y), roundings(30)));
}

TEST_P(ManifoldLaws, 3_GeodesicsHaveConstantSpeed) {
  const Tensor x = points(50), v = tangents(x, 0.95 * reach());
  for (const auto& [s, t] : std::vector<std::pair<double, double>>{{0, 1}, {0, 0.5}, {0.25, 0.3}, {0.6, 1}})
    EXPECT_TRUE(near(m().distance(m().exp(x, s * v), m().exp(x, t * v)),
                     at::full({50}, (t - s) * 0.95 * reach(), like()), roundings(30)))
        << s << " " << t;
}

TEST_P(ManifoldLaws, 4_TransportIsAnIsometryAlongTheGeodesic) {
  const Tensor x = points(100), a = tangents(x, 1), b = tangents(x, 2);
  for (const double share : {1e-7, 1e-3, 0.3, 0.6, 0.9, 0.999, 0.99999}) {
    const Tensor y = m().exp(x, tangents(x, share * reach()));
    const Tensor ta = m().transport(x, y, a), tb = m().transport(x, y, b);
    EXPECT_TRUE(near(m().to_tangent(y, ta), ta, roundings(20))) << share;
    EXPECT_TRUE(near(m().inner(y, ta, tb), m().inner(x, a, b), roundings(50))) << share;
    EXPECT_TRUE(near(m().transport(x, y, m().log(x, y)), -m().log(y, x), roundings(100))) << share;
    EXPECT_TRUE(near(m().transport(y, x, ta), a, roundings(100))) << share;
  }
  EXPECT_TRUE(near(m().transport(x, x, a), a, roundings(10)));
}

// Levi-Civita: transport along a geodesic is the limit of Schild's ladder, so that of the halves is that of the whole.
TEST_P(ManifoldLaws, 4_TransportInTwoStagesIsTransport) {
  const Tensor x = points(100), v = tangents(x, 0.8 * reach()), a = tangents(x, 1);
  const Tensor middle = m().exp(x, 0.5 * v), y = m().exp(x, v);
  EXPECT_TRUE(near(m().transport(middle, y, m().transport(x, middle, a)), m().transport(x, y, a), roundings(50)));
}

TEST_P(ManifoldLaws, 5_TangentBasisIsOrthonormalAndSpans) {
  const Tensor x = points(50), e = m().tangent_basis(x), a = m().to_tangent(x, noise(x));
  EXPECT_EQ(e.size(0), m().dim());
  const Tensor gram = m().inner(x, e.unsqueeze(0), e.unsqueeze(1));
  EXPECT_TRUE(near(gram, at::eye(m().dim(), like()).unsqueeze(-1).expand_as(gram), roundings(20)));
  EXPECT_TRUE(near(combine(m(), e, m().inner(x, e, a)), a, roundings(50)));
  EXPECT_TRUE(near(m().to_tangent(x, e), e, roundings(20)));
}

TEST_P(ManifoldLaws, 5_TangentNoiseIsWhite) {
  const int64_t n = 20000;
  Shape shape = m().event_shape();
  shape.insert(shape.begin(), n);
  const Tensor x = points(1), e = m().tangent_basis(x), z = rng_.normal(shape, like());
  const Tensor w = m().tangent_noise(x, z), c = m().inner(x, e, w);  // [dim, n]
  const Tensor covariance = c.matmul(c.t()) / static_cast<double>(n);
  EXPECT_TRUE(near(covariance, at::eye(m().dim(), like()), 6 * std::sqrt(2. / n)));
}

TEST_P(ManifoldLaws, 6_LogVolumeDistortionIsTheDeterminantOfExp) {
  if (single()) GTEST_SKIP() << "finite differences in float64";
  const Tensor x = points(20);
  for (const double share : {0., 1e-4, 0.04, 0.5, 0.95}) {
    const Tensor v = share == 0 ? at::zeros_like(x) : tangents(x, share * reach());
    const Tensor y = m().exp(x, v), e = m().tangent_basis(x), f = m().tangent_basis(y);
    const double h = 1e-5;
    const Tensor columns = (m().log(y, m().exp(x, v + h * e)) - m().log(y, m().exp(x, v - h * e))) / (2 * h);
    const Tensor jacobian = m().inner(y, f.unsqueeze(0), columns.unsqueeze(1)).movedim(-1, 0);  // [B, dim, dim]
    EXPECT_TRUE(near(m().log_volume_distortion(x, v), at::linalg_det(jacobian).abs().log(), 1e-7)) << share;
  }
}

TEST_P(ManifoldLaws, 6_UniformDensityIsOneOverTheVolume) {
  if (!m().compact()) GTEST_SKIP() << "no uniform density";
  EXPECT_TRUE(near(m().log_base_density(points(5)), at::full({5}, -m().log_volume(), like()), roundings(4)));
}

TEST_P(ManifoldLaws, 7_DerivativesAgreeWithFiniteDifferences) {
  if (single()) GTEST_SKIP() << "finite differences in float64";
  const Tensor x = points(50), w_of = noise(x);
  for (const double share : {1e-9, 1e-3, 0.5, 0.9}) {
    const Tensor y = m().exp(x, tangents(x, share * reach())), w = m().to_tangent(y, w_of);
    EXPECT_TRUE(near(m().dlog(x, y, w), slope([&](const Tensor& p) { return m().log(x, p); }, y, w), 1e-7)) << share;
  }
  const Tensor v = noise(x), dx = m().to_tangent(x, noise(x)), dv = noise(x);
  const double h = 1e-5;  // x moves along the geodesic, v on a straight line
  const Tensor expected =
      (m().to_tangent(m().exp(x, h * dx), v + h * dv) - m().to_tangent(m().exp(x, -h * dx), v - h * dv)) / (2 * h);
  EXPECT_TRUE(near(m().to_tangent_jvp(x, v, dx, dv), expected, 1e-8));
}

/// A smooth tangent field: random features pushed through a sine.
class Field {
 public:
  Field(const Manifold& m, Rng& rng, const at::TensorOptions& like)
      : m_(m), a_(rng.normal({m.feature_size(), m.event_size()}, like)), b_(rng.normal({m.event_size()}, like)) {}
  Tensor operator()(const Tensor& x) const {
    return m_.to_tangent(x, (m_.features(x).matmul(a_) + b_).sin().reshape(x.sizes()));
  }

 private:
  const Manifold& m_;
  Tensor a_, b_;
};

TEST_P(ManifoldLaws, 8_CovariantDerivativeIsThatOfTransportedVectors) {
  if (single()) GTEST_SKIP() << "finite differences in float64";
  const Tensor x = points(50), e = tangents(x, 1);
  const Field field(m(), rng_, like());
  const Tensor dv = slope(field, x, e), v = field(x);
  const Tensor expected = slope([&](const Tensor& y) { return m().transport(y, x, field(y)); }, x, e);
  EXPECT_TRUE(near(m().covariant(x, v, e, dv), expected, 1e-7));
  const Tensor doubled = m().covariant(x, 2 * v, e, 2 * dv);
  EXPECT_TRUE(near(doubled, 2 * m().covariant(x, v, e, dv), roundings(50)));
}

TEST_P(ManifoldLaws, 8_DivergenceIntegratesToZero) {
  if (single() || !m().compact()) GTEST_SKIP() << "the divergence theorem on a closed manifold, in float64";
  const Tensor x = points(5000), e = m().tangent_basis(x);
  const Field field(m(), rng_, like());
  const Tensor dv = slope(field, x, e);
  const MonteCarlo divergence(m().inner(x, e, m().covariant(x, field(x), e, dv)).sum(0));
  EXPECT_NEAR(divergence.mean, 0, 5 * divergence.sem);
}

TEST_P(ManifoldLaws, 9_RetractionAgreesWithExpToFirstOrder) {
  const Tensor x = points(50), unit = tangents(x, 1);
  const auto error = [&](double h) {
    return m().distance(m().exp(x, h * unit), m().retract(x, h * unit)).max().item<double>();
  };
  for (const double h : {0.4, 0.2, 0.1}) EXPECT_LE(error(h / 2), error(h) / 3.5 + roundings(10)) << h;
  EXPECT_LE(error(0.1), 0.01);
}

TEST_P(ManifoldLaws, 10_KernelIntegratesToOneAndPeaksAtItsCentre) {
  const Tensor centre = m().project(0.1 * noise(points(1)));
  for (const double concentration : {1., 4.}) {
    const Tensor x = points(20000);
    const Tensor ratio = (m().log_kernel(x, centre, concentration) - m().log_base_density(x)).exp();
    const MonteCarlo mass(ratio.to(at::kDouble));
    EXPECT_NEAR(mass.mean, 1, 5 * mass.sem) << concentration;
    EXPECT_LT(mass.sem, 0.2);
  }
  for (const double concentration : {0.5, 100., 1e6}) {
    const Tensor direction = tangents(centre, 1);
    Tensor previous = m().log_kernel(centre, centre, concentration);
    for (const double share : {3e-4, 0.03, 0.3, 0.6, 0.95}) {
      const double r = share * reach();
      if (single() && concentration * r * r < 1e-3) continue;  // differences below rounding
      const Tensor next = m().log_kernel(m().exp(centre, r * direction), centre, concentration);
      EXPECT_TRUE((next < previous).all().item<bool>()) << concentration << " at " << r;
      previous = next;
    }
  }
}

// For 1/sqrt(k) far below the radius of curvature every kernel looks Gaussian with precision k.
TEST_P(ManifoldLaws, 10_NarrowKernelsAreGaussian) {
  const double k = 1e6, pi = 3.14159265358979323846, d = static_cast<double>(m().dim());
  const Tensor centre = points(20), x = m().exp(centre, tangents(centre, 2e-3));
  const Tensor square = m().inner(centre, m().log(centre, x), m().log(centre, x));
  EXPECT_TRUE(
      near(m().log_kernel(x, centre, k), 0.5 * d * std::log(k / (2 * pi)) - 0.5 * k * square, single() ? 1e-4 : 2e-5));
}

TEST_P(ManifoldLaws, 11_EmptyAndOneRowBatches) {
  for (const int64_t n : {0, 1}) {
    const Tensor x = points(n), y = points(n), v = m().to_tangent(x, noise(x));
    const Tensor basis = m().tangent_basis(x);
    for (const Tensor& same : {m().exp(x, v), m().log(x, y), m().project(x), m().retract(x, v), m().to_tangent(x, v),
                               m().transport(x, y, v), m().tangent_noise(x, v), m().dlog(x, y, m().to_tangent(y, v)),
                               m().to_tangent_jvp(x, v, v, v), m().covariant(x, v, v, v)}) {
      EXPECT_EQ(same.sizes(), x.sizes());
      EXPECT_TRUE(finite(same));
    }
    for (const Tensor& scalar : {m().inner(x, v, v), m().norm(x, v), m().distance(x, y), m().log_base_density(x),
                                 m().log_kernel(x, y, 2), m().log_volume_distortion(x, v), m().violation(x)})
      EXPECT_EQ(scalar.sizes(), at::IntArrayRef({n}));
    EXPECT_EQ(basis.sizes().slice(1), x.sizes());
    EXPECT_EQ(basis.size(0), m().dim());
  }
}

TEST_P(ManifoldLaws, 11_RowsDoNotAffectEachOtherAndBroadcast) {
  const Tensor x = points(4), y = points(3).unsqueeze(1), v = m().to_tangent(x, noise(x));  // [4, e], [3, 1, e]
  const Tensor log = m().log(x, y), distance = m().distance(x, y), moved = m().transport(x, y, v);
  const Tensor kernel = m().log_kernel(x, y, 3), inner = m().inner(x, log, v), volume = m().log_volume_distortion(x, v);
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t j = 0; j < 4; ++j) {
      const Tensor yi = y[i][0];
      EXPECT_TRUE(near(log[i][j], m().log(x[j], yi), roundings(4)));
      EXPECT_TRUE(near(distance[i][j], m().distance(x[j], yi), roundings(4)));
      EXPECT_TRUE(near(moved[i][j], m().transport(x[j], yi, v[j]), roundings(8)));
      EXPECT_TRUE(near(kernel[i][j], m().log_kernel(x[j], yi, 3), roundings(8)));
      EXPECT_TRUE(near(inner[i][j], m().inner(x[j], log[i][j], v[j]), roundings(8)));
      EXPECT_TRUE(near(volume[j], m().log_volume_distortion(x[j], v[j]), roundings(8)));
    }
}

// From a tenth of the way down to the cut locus itself: log still reaches its target by a shortest way.
TEST_P(ManifoldLaws, 11_LogNearTheCutLocus) {
  const double radius = m().injectivity_radius();
  if (std::isinf(radius)) GTEST_SKIP() << "no cut locus";
  const Tensor x = points(50), unit = tangents(x, 1);
  for (const double gap : {0.1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-7, 1e-8, 1e-12, 1e-16, 0.}) {
    const Tensor y = m().exp(x, (radius - gap) * unit), v = m().log(x, y);
    EXPECT_TRUE(finite(v)) << gap;
    EXPECT_TRUE(near(m().to_tangent(x, v), v, roundings(20))) << gap;
    EXPECT_TRUE(near(m().norm(x, v), at::full({50}, radius - gap, like()), roundings(20))) << gap;
    EXPECT_TRUE(all_at_most(m().distance(m().exp(x, v), y), roundings(40))) << gap;
    EXPECT_TRUE(finite(m().dlog(x, y, m().to_tangent(y, noise(x))))) << gap;
    EXPECT_FALSE(m().log_volume_distortion(x, v).isnan().any().item<bool>()) << gap;
  }
}

TEST_P(ManifoldLaws, 11_GradientsAreFiniteEverywhere) {
  const Tensor base = points(30), unit = tangents(base, 1);
  std::vector<double> lengths = {0., 1e-30, 1e-12, 1e-6, 1e-3, 0.5};
  if (!std::isinf(m().injectivity_radius()))
    for (const double gap : {1e-3, 1e-6, 1e-12, 0.}) lengths.push_back(m().injectivity_radius() - gap);
  for (const double length : lengths) {
    const Tensor x = base.clone().requires_grad_(true), v = (length * unit).requires_grad_(true);
    const Tensor y = m().exp(base, length * unit).requires_grad_(true);
    for (const auto& f : std::vector<std::function<Tensor()>>{
             [&] { return m().exp(x, v); }, [&] { return m().retract(x, v); }, [&] { return m().log(x, y); },
             [&] { return m().distance(x, y); }, [&] { return m().norm(x, v); },
             [&] { return m().log_kernel(x, y, 10); }, [&] { return m().transport(x, y, unit); },
             [&] { return m().project(x + v); }}) {
      for (const Tensor& leaf : {x, v, y}) leaf.mutable_grad() = Tensor();
      const Tensor sum = f().sum();
      if (!sum.requires_grad()) continue;  // flat transport depends on neither end
      sum.backward();
      for (const Tensor& leaf : {x, v, y})
        EXPECT_TRUE(!leaf.grad().defined() || finite(leaf.grad())) << leaf.grad() << "at length " << length;
    }
  }
}

// Autograd through log and exp, as the exact generator's derivative uses it, is dlog and the difference quotient.
TEST_P(ManifoldLaws, 11_AutogradAgreesWithTheDerivatives) {
  if (single()) GTEST_SKIP() << "finite differences in float64";
  const Tensor x = points(30), covector = noise(x);
  const auto total = [](const Tensor& products) { return products.flatten(1).sum(-1); };
  for (const double share : {1e-10, 1e-4, 0.02, 0.04, 0.4, 0.9}) {
    const Tensor y = m().exp(x, tangents(x, share * reach())).requires_grad_(true),
                 w = m().to_tangent(y, noise(x)).detach();
    (m().log(x, y) * covector).sum().backward();
    EXPECT_TRUE(near(total(y.grad() * w), total(m().dlog(x, y, w) * covector), 1e-9)) << share;
    const Tensor v = tangents(x, share * reach()).requires_grad_(true), dv = tangents(x, 1);
    (m().exp(x, v) * covector).sum().backward();
    const Tensor quotient =
        m().log(m().exp(x, v), m().exp(x, v + 1e-5 * dv)) - m().log(m().exp(x, v), m().exp(x, v - 1e-5 * dv));
    EXPECT_TRUE(near(total(v.grad() * dv), total(quotient / 2e-5 * covector), 1e-8)) << share;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ManifoldLaws, testing::ValuesIn(typed_cases("manifold")), label);

}  // namespace
}  // namespace genmatch
