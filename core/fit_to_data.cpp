#include "core/fit_to_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/data/coupling.h"
#include "core/data/data_source.h"
#include "core/errors.h"
#include "core/process/condition.h"
#include "core/process/empirical.h"
#include "core/process/path.h"
#include "core/process/path_times.h"

namespace genmatch {
namespace {

std::vector<double> path_times(const Factors& factors) {
  const std::vector<double> times = factors.front().path->times();
  for (const Factor& factor : moving(factors))
    if (factor.path->times() != times) throw ConfigError("factors: the paths of all of them must have the same times");
  return times;
}

// Data of several times and a path through several times need each other; what is measured is the path's last time.
void check_times(const ExperimentOptions& options, const Factors& factors, const Coupling& coupling, Splits& splits) {
  const std::vector<double> path = path_times(factors);
  std::vector<double> data;
  for (const Snapshot& snapshot : splits.snapshots) data.push_back(snapshot.time);
  const auto fault = [&](const char* key, const std::string& text) { return options.data.at_fault({key, text}); };
  if (path.empty() && data.empty()) return;
  if (path.empty())
    throw fault("time",
                fmt::format("the path does not pass through several times; use path: {{type: waypoints, times: [{}]}}",
                            fmt::join(data, ", ")));
  if (data.empty())
    throw fault("", "the path passes through several times, but rows have none; name their column: time");
  for (const double time : path)
    if (std::find(data.begin(), data.end(), time) == data.end())
      throw fault("time", fmt::format("the path passes through time {}, of which there are no rows, only of [{}]", time,
                                      fmt::join(data, ", ")));
  if (condition_of(factors) != nullptr) throw fault("time", "`conditions` are not supported with it");
  const RoundOptions& rounds = options.training.rounds;
  if (rounds.count > 0 || rounds.distill > 0)
    throw fault("time", "training.rounds are not supported with it: their pairs have no points in between");
  const Snapshot& last = *std::find_if(splits.snapshots.begin(), splits.snapshots.end(),
                                       [&](const Snapshot& s) { return s.time == path.back(); });
  if (coupling.marginals() == Marginals::changed || coupling.marginals() == Marginals::orbits)
    throw options.coupling.at_fault({"", "changes the rows, so that it makes no chains through data.time"});
  splits.train = last.train;
  splits.validation = last.validation;
  splits.test = last.test;
}

// `source: data` without data of its own is the law of the rows that the data start from.
void fill_source(const ExperimentOptions& options, Factors& factors, const Splits& splits) {
  for (Factor& factor : factors) {
    if (!awaits_rows(*factor.source)) continue;
    const std::vector<State> earlier = rows_before(factors, splits, &Snapshot::train);
    const State& rows = earlier.empty() ? splits.train_starts : earlier.front();
    if (rows.empty())
      throw options.data.at_fault(
          {"",
           "source: data needs rows to start from: name those of the data by time or start, or say source: {type: "
           "data, data: {...}}"});
    if (moving(factors).size() > 1)
      throw options.data.at_fault({"", "source: data keeps the law of a single factor only"});
    factor.source = empirical(rows.front());
  }
}

// Samples have components as the training rows have.
void fill_components(const ExperimentOptions& options, Factors& factors, const Splits& splits) {
  for (std::size_t f = 0; f < factors.size(); ++f) {
    Factor& factor = factors[f];
    if (!factor.space->falls_apart()) continue;
    const std::string why = factor.space->describe() + " fall apart: ";
    if (!factor.source->has_density())
      throw ConfigError("source: " + why + "x0 has to be drawn for each x1, e.g. by `source: normal`");
    if (!splits.snapshots.empty() || !splits.train_starts.empty())
      throw options.data.at_fault({"", why + "there are no pairs or times of such data"});
    factor.components = splits.train.x[f];
  }
}

void check_density(const ExperimentOptions& options, const Factors& factors, const Splits& splits) {
  const bool known = std::all_of(factors.begin(), factors.end(),
                                 [](const Factor& f) { return !f.moves() || f.source->has_density(); });
  if (known) return;
  const std::string why = "the density of the source is not known, so that there is no nll; ";
  if (options.training.select == "nll" && splits.validation.rows() > 0)
    throw ConfigError("training.select: " + why + "use loss or last");
  for (const MetricChoice& metric : options.metrics.items)
    if (metric.name() == "nll") throw metric.at_fault({"", why + "state other metrics, e.g. w2"});
}

}  // namespace

std::vector<State> rows_before(const Factors& factors, const Splits& splits, Table Snapshot::*part) {
  std::vector<State> rows;
  const PathTimes times(factors.front().path->times());
  for (const Snapshot& snapshot : splits.snapshots)
    if (times.pass(snapshot.time)) rows.push_back((snapshot.*part).x);
  if (!rows.empty()) rows.pop_back();
  return rows;
}

void fit_to_data(Experiment& e) {
  check_times(*e.options, e.factors, *e.coupling, e.splits);
  fill_source(*e.options, e.factors, e.splits);
  fill_components(*e.options, e.factors, e.splits);
  check_density(*e.options, e.factors, e.splits);
}

}  // namespace genmatch
