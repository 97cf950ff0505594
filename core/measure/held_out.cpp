#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/errors.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "core/process/path.h"
#include "core/process/path_times.h"
#include "core/process/state.h"
#include "core/solve/simulate.h"

namespace genmatch {
namespace {

// A time of the data that the path does not pass through, between two that it does.
struct HeldOut {
  State before, rows, after;
  double from, to;  // the time before and this one, of the process
  double share;     // of the way from before to after
};

std::vector<HeldOut> held_out(const Evaluation& evaluation, const std::string& metric) {
  const PathPtr& path = evaluation.factors().front().path;
  const PathTimes times = path == nullptr ? PathTimes() : PathTimes(path->times());
  const auto on_path = [&](const Snapshot& s) { return times.pass(s.time); };
  const std::vector<Snapshot>& all = evaluation.splits().snapshots;
  std::vector<HeldOut> found;
  for (auto s = all.begin(); s != all.end(); ++s) {
    if (!times.span(s->time) || on_path(*s)) continue;
    const auto before = std::find_if(std::make_reverse_iterator(s), all.rend(), on_path);
    const auto after = std::find_if(s, all.end(), on_path);
    found.push_back({before->all(), s->all(), after->all(), times.unit(before->time), times.unit(s->time),
                     (s->time - before->time) / (after->time - before->time)});
  }
  if (found.empty())
    throw DataError(metric +
                    ": no time is held out: the path must leave out a time of the data (path.times), between "
                    "others that it passes through");
  return found;
}

/// W_p at the held-out times between their rows and those of the time before, moved there by the process: exact for as
/// many points of each as the larger of the two sets has, or `points`; rows of the smaller one stand for more of them,
/// as evenly as that goes. It is above the distance of the laws, as w1 and w2 are. The standard error is theirs, over
/// the rows of both sets.
template <int power>
class HeldOutWasserstein final : public Metric {
 public:
  using Options = TwoSampleOptions;
  explicit HeldOutWasserstein(const Options& options) : points_(options.points) {}

  Estimate value(Evaluation& evaluation) const override {
    return mean(evaluation, [&](const HeldOut& h, Rng& rng) {
      const int64_t n = size(h.before, h.rows);
      return distance(evaluation, process(evaluation, evenly(h.before, n, rng), h, rng), h.before, h.rows, rng);
    });
  }

  std::map<std::string, Estimate> beside(Evaluation& evaluation) const override {
    const auto still = [&](State HeldOut::*rows) {
      return mean(evaluation, [&](const HeldOut& h, Rng& rng) {
        return distance(evaluation, evenly(h.*rows, size(h.*rows, h.rows), rng), h.*rows, h.rows, rng);
      });
    };
    const auto displaced = [&](const HeldOut& h, Rng& rng) {
      const State start = h.before[0].size(0) < h.after[0].size(0) ? h.before : h.after;
      return distance(evaluation, displacement(evaluation, h, rng), start, h.rows, rng);
    };
    return {{"rows before", still(&HeldOut::before)},
            {"rows after", still(&HeldOut::after)},
            {"displacement", mean(evaluation, displaced)}};
  }

 private:
  static constexpr const char* kName = power == 1 ? "held_out_w1" : "held_out_w2";

  int64_t size(const State& a, const State& b) const { return std::min(points_, std::max(a[0].size(0), b[0].size(0))); }

  // n rows, each as often as any other or once more.
  static State evenly(const State& x, int64_t n, Rng& rng) {
    const int64_t rows = x[0].size(0);
    std::vector<Tensor> orders;
    for (int64_t have = 0; have < n; have += rows) orders.push_back(rng.permutation(rows));
    return rows_of(x, at::cat(orders).narrow(0, 0, n));
  }

  State process(const Evaluation& evaluation, State x, const HeldOut& h, Rng& rng) const {
    for (Tensor& factor : x) factor = factor.to(evaluation.like());
    Solution moved = simulate(evaluation.generator(), evaluation.spaces(), x, h.from, h.to, evaluation.stepper(), rng);
    if (moved.failures() > 0)
      throw NumericalError(
          fmt::format("{}: the solver failed on {} of {} rows; give sampling.stepper more steps or a "
                      "looser tolerance, or train longer",
                      kName, moved.failures(), x[0].size(0)));
    for (Tensor& factor : moved.x) factor = factor.to(at::kCPU, at::kDouble);
    return moved.x;
  }

  // Along the geodesics of the optimal transport, of order 2, from the rows before to those after (McCann 1997).
  State displacement(const Evaluation& evaluation, const HeldOut& h, Rng& rng) const {
    const int64_t n = size(h.before, h.after);
    State a = evenly(h.before, n, rng);
    const State b = evenly(h.after, n, rng),
                ends = rows_of(b, assign(distances(evaluation.spaces(), a, b).square()).columns);
    for (std::size_t f = 0; f < a.size(); ++f) {
      const Manifold& m = as_manifold(*evaluation.spaces()[f], kName);
      a[f] = m.exp(a[f], h.share * m.log(a[f], ends[f]));
    }
    return a;
  }

  // `x` are points that stand for the rows `origin`.
  Estimate distance(const Evaluation& evaluation, const State& x, const State& origin, const State& rows,
                    Rng& rng) const {
    const int64_t n = std::max(x[0].size(0), size(rows, rows));
    const OptimalTransport transport(evaluation.spaces(), evenly(x, n, rng), evenly(rows, n, rng), power);
    const auto variance = [&](const Tensor& influence, const State& of) {
      return influence.var().item<double>() / static_cast<double>(std::min(n, of[0].size(0)));
    };
    const double sem =
        std::sqrt(variance(transport.influence_of_a(), origin) + variance(transport.influence_of_b(), rows));
    const Estimate cost{transport.cost(), sem, n};
    return power == 1 ? cost : root(cost);
  }

  Estimate mean(const Evaluation& evaluation, const std::function<Estimate(const HeldOut&, Rng&)>& distance) const {
    const std::vector<HeldOut> times = held_out(evaluation, kName);
    Rng rng(evaluation.seed(), kName);
    Estimate all;
    for (const HeldOut& time : times) {
      const Estimate one = distance(time, rng);
      all.mean += one.mean / static_cast<double>(times.size());
      all.sem = std::hypot(all.sem, one.sem / static_cast<double>(times.size()));
      all.n += one.n;
    }
    return all;
  }

  int64_t points_;
};

}  // namespace

void add_held_out(Catalog& c) {
  const std::string about =
      " between the rows of times that the path leaves out and those of the time before, moved there by the process; "
      "beside it the rows before and after as they are, and the displacement interpolation of their optimal transport";
  const char* source = "Tong et al. 2020, arXiv 2002.04461; McCann 1997, doi:10.1006/aima.1997.1634";
  c.metrics.add<HeldOutWasserstein<1>>("held_out_w1", {"Wasserstein distance of order 1" + about, source});
  c.metrics.add<HeldOutWasserstein<2>>("held_out_w2", {"Wasserstein distance of order 2" + about, source});
}

}  // namespace genmatch
