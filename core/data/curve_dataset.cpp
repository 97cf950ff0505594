#include "core/data/curve_dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/math/quadrature/gauss.hpp>
#include <cmath>

#include "core/data/mixture.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double panels_per_noise = 2, most_panels = 4e4;

double panels(const Curve& curve, double noise) {
  return std::ceil((curve.to - curve.from) * curve.speed * panels_per_noise / noise);
}

// The integral over t as a sum: nodes [n] with weights [n] that hold the law of t.
struct Rule {
  Tensor nodes, weights;
};

// Ten Gauss–Legendre nodes a panel integrate the noise's bell, half a standard deviation at a time, to rounding.
Rule rule(const Curve& curve, double noise) {
  using Gauss = boost::math::quadrature::gauss<double, 10>;
  std::vector<double> nodes, weights;
  for (std::size_t i = 0; i < Gauss::abscissa().size(); ++i) {
    for (const double side : {-1, 1}) {
      nodes.push_back(0.5 + 0.5 * side * Gauss::abscissa()[i]);
      weights.push_back(0.5 * Gauss::weights()[i]);
    }
  }
  const auto count = static_cast<int64_t>(panels(curve, noise));
  const Tensor share =
      ((at::arange(count, at::kDouble).unsqueeze(1) + at::tensor(nodes, at::kDouble)) / count).flatten();
  const Tensor law = curve.power * share.pow(curve.power - 1);
  return {curve.from + (curve.to - curve.from) * share, law * at::tensor(weights, at::kDouble).repeat({count}) / count};
}

}  // namespace

void CurveOptions::fields(Fields& f) {
  SyntheticOptions::fields(f);
  f("noise", noise, "standard deviation about the curve, before scaling", at_least(0));
  f("scale", scale, "multiplies the points", above(0));
  f("offset", offset, "is added to the scaled points: [x, y]");
}

CurveDataset::CurveDataset(const CurveOptions& options, const DataContext& context, std::string name,
                           std::vector<Curve> curves)
    : SyntheticDataset(options, context, 2, static_cast<int64_t>(curves.size())),
      name_(std::move(name)),
      curves_(std::move(curves)),
      noise_(options.noise),
      scale_(options.scale),
      offset_(options.offset) {
  if (offset_.size() != 2) throw OptionError("offset", fmt::format("expected [x, y], got {} numbers", offset_.size()));
}

Draw CurveDataset::draw(int64_t n, Rng& rng) const {
  const Tensor which = rng.integers(static_cast<int64_t>(curves_.size()), {n});
  const Tensor u = rng.uniform({n}, at::kDouble);
  Tensor points = at::zeros({n, 2}, at::kDouble);
  for (std::size_t k = 0; k < curves_.size(); ++k) {
    const Curve& c = curves_[k];
    const Tensor own = which.eq(static_cast<int64_t>(k)).unsqueeze(1);
    points = at::where(own, c.at(c.from + (c.to - c.from) * u.pow(1 / c.power)), points);
  }
  const Tensor noisy = points + noise_ * rng.normal({n, 2}, at::kDouble);
  return {scale_ * noisy + at::tensor(offset_, at::kDouble), which};
}

std::string CurveDataset::law() const {
  return fmt::format("{} noise={} scale={} offset={}", name_, noise_, scale_, fmt::join(offset_, ","));
}

Tensor CurveDataset::log_law(const Tensor& x) const { return log_density_along(curves_, x); }

Tensor CurveDataset::log_law_given(const Tensor& x, const Tensor& label) const {
  Tensor all = at::empty({x.size(0)}, at::kDouble);
  for (std::size_t k = 0; k < curves_.size(); ++k) {
    const Tensor rows = label.eq(static_cast<int64_t>(k)).nonzero().squeeze(1);
    const Tensor own = log_density_along({curves_[k]}, x.index_select(0, rows));
    if (!own.defined()) return own;
    all.index_copy_(0, rows, own);
  }
  return all;
}

Tensor CurveDataset::log_density_along(const std::vector<Curve>& curves, const Tensor& x) const {
  double total = 0;
  for (const Curve& c : curves) total += panels(c, noise_);
  if (!(total <= most_panels)) return {};
  std::vector<Tensor> nodes, weights;
  for (const Curve& c : curves) {
    const Rule r = rule(c, noise_);
    nodes.push_back(c.at(r.nodes));
    weights.push_back(r.weights / static_cast<double>(curves.size()));
  }
  const Tensor log_weights = at::cat(weights).log();
  const GaussianMixture mixture{at::cat(nodes), at::full_like(log_weights, noise_), log_weights};
  return genmatch::log_density(mixture, (x - at::tensor(offset_, at::kDouble)) / scale_) - 2 * std::log(scale_);
}

}  // namespace genmatch
