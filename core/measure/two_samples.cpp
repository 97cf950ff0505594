#include "core/measure/two_samples.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/distances.h"
#include "core/process/euclidean.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

State head(const State& x, int64_t n) {
  State rows;
  for (const Tensor& factor : x) rows.push_back(factor.narrow(0, 0, n).to(at::kCPU, at::kDouble));
  return rows;
}

}  // namespace

void TwoSampleOptions::fields(Fields& f) {
  f("points", points, "at most so many samples and as many test rows", at_least(2));
}

State test_rows(const Evaluation& evaluation, int64_t points, const std::string& metric) {
  const Table& test = evaluation.splits().test;
  if (test.rows() < 2)
    throw DataError(
        fmt::format("{}: at least two test rows expected, got {}; give data.split.test a larger share, or "
                    "take {} out of metrics",
                    metric, test.rows(), metric));
  return head(moving(evaluation.factors(), test.x), std::min(points, test.rows()));
}

TwoSamples two_samples(Evaluation& evaluation, int64_t points, const std::string& metric) {
  const State test = test_rows(evaluation, points, metric);
  const State samples = moving(evaluation.factors(), evaluation.samples());
  const Tensor failed = side_by_side(samples).isnan().any(1);
  if (const int64_t count = failed.sum().item<int64_t>(); count > 0)
    throw NumericalError(
        fmt::format("{}: {} of {} samples are missing because the solver failed on them; give sampling.stepper more "
                    "steps or a looser tolerance, or train longer",
                    metric, count, failed.numel()));
  const int64_t n = std::min(test[0].size(0), samples[0].size(0));
  if (n < 2) throw DataError(metric + ": at least two samples expected; raise sampling.samples");
  return {head(samples, n), head(test, n), n};
}

Tensor distances(const Spaces& spaces, const State& a, const State& b) {
  return squared_distances(spaces, a, b).sqrt_();
}

OptimalTransport::OptimalTransport(const Spaces& spaces, const State& a, const State& b, double power)
    : solution_(assign(distances(spaces, a, b).pow(power))),
      cost_(solution_.cost / static_cast<double>(a[0].size(0))) {}

double standard_error(const Tensor& a, const Tensor& b) {
  return std::sqrt((a.var().item<double>() + b.var().item<double>()) / static_cast<double>(a.numel()));
}

Estimate root(const Estimate& e) {
  const double value = std::sqrt(e.mean);
  return {value, value > 0 ? e.sem / (2 * value) : 0, e.n};
}

void check_connected(const Spaces& spaces) {
  for (const SpacePtr& space : spaces)
    if (space->falls_apart())
      throw OptionError("", "needs distances between all points, and points of " + space->describe() +
                                " may be infinitely far apart");
}

void check_euclidean(const Spaces& spaces) {
  for (const SpacePtr& space : spaces)
    if (space->describe() != euclidean(space->event_size())->describe())
      throw OptionError("", "only for Euclidean spaces, but a factor is " + space->describe());
}

}  // namespace genmatch
