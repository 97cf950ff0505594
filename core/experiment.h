#pragma once
// A whole experiment file as types: ExperimentOptions is what is written, Experiment is what is built from it.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/config/fields.h"
#include "core/data/dataset.h"
#include "core/learn/model.h"
#include "core/learn/train.h"
#include "core/measure/evaluation.h"
#include "core/process/factor.h"

namespace genmatch {

/// `generators: [flow, {type: jump, weight: 0.5}]`.
struct GeneratorOptions {
  GeneratorChoice generator{"flow"};
  double weight = 1;
  void fields(Fields& f);
};

/// One factor: where it lives and which process runs on it.
struct FactorOptions {
  SpaceChoice space;
  SourceChoice source{"uniform"};
  PathChoice path{"geodesic"};
  ListOf<GeneratorOptions> generators;  ///< one flow unless stated
  FactorOptions() { generators.append("", {}); }
  void fields(Fields& f) { fields(f, required); }
  void fields(Fields& f, const Constraint& of_space);
};

/// What the process is given: one of so many classes, or a point of a space.
struct ConditionOptions {
  int64_t classes = 0;
  SpaceChoice space;
  void fields(Fields& f);
};

/// A row of somebody's table, to be printed beside ours.
struct PublishedRow {
  std::string method, metric, cite;
  double mean = 0;
  std::optional<double> spread;
  std::string verified = "unverified";  ///< code: read in the authors' code or data; quoted: seen in a second source
  std::string protocol;                 ///< what differs from ours
  void fields(Fields& f);
};

struct ExperimentOptions {
  std::string name, about;
  FactorOptions factor;          ///< of a file with a single factor, written at the top level
  MapOf<FactorOptions> factors;  ///< else: `factors: {place: {...}, size: {...}}`
  MapOf<ConditionOptions> conditions;
  DatasetChoice data;
  CouplingChoice coupling{"independent"};
  ModelChoice model{"mlp"};
  TrainingOptions training;
  SamplingOptions sampling;
  ListOfChoices<MetricChoice> metrics{std::vector<std::string>{"nll"}};
  ListOfChoices<BaselineChoice> baselines{std::vector<std::string>{"uniform", "kde"}};
  ListOfChoices<FigureChoice> figures;
  ListOf<PublishedRow> published;
  int64_t seed = 0;
  std::string dtype = "float32";
  Node variants, grid, seeds;  ///< what read_study() makes of the file; null where not stated
  void fields(Fields& f);
};

/// A file with its overrides (`--set`) as a tree; what is wrong with these goes to `problems`. ConfigError if the file
/// cannot be read.
Node load_experiment(const std::string& file, const std::vector<std::string>& overrides, Problems& problems);
/// Reads and checks the options of such a tree. `variants`, `grid` and `seeds` are taken as they stand.
ExperimentOptions read_experiment(const Node& root, const Catalog& catalog, Problems& problems);
/// Reads and checks a file with its overrides; throws ConfigError with all problems. Published rows are checked too,
/// unless they may be of a metric that another variant computes.
ExperimentOptions read_experiment(const std::string& file, const std::vector<std::string>& overrides,
                                  const Catalog& catalog);
/// Adds a problem for each published row whose metric is none of `computed`, unless the overrides change `metrics`.
void check_published(const ExperimentOptions& options, const std::vector<std::string>& computed,
                     const std::vector<std::string>& overrides, Problems& problems);
/// What the metrics and baselines of a run are called: by their names, of which those that repeat an earlier one are
/// numbered: "kmers", "kmers (2)".
std::vector<std::string> metric_names(const ExperimentOptions& options);
std::vector<std::string> baseline_names(const ExperimentOptions& options);
/// The resolved file of one run: every option with its value, but for `variants`, `grid`, `seeds`, and the published
/// rows of metrics that the run does not compute.
std::string resolved_yaml(ExperimentOptions& options, const Catalog& catalog);

/// The built parts of an experiment. Data are loaded, weights are initial.
struct Experiment {
  std::shared_ptr<const ExperimentOptions> options;
  uint64_t seed = 0;
  at::TensorOptions like;  ///< dtype and device
  Factors factors;
  std::shared_ptr<Dataset> dataset;
  Splits splits;  ///< float64, CPU
  std::shared_ptr<Coupling> coupling;
  std::shared_ptr<Model> model;
  std::vector<std::shared_ptr<Metric>> metrics;
  std::vector<std::shared_ptr<Baseline>> baselines;
  std::vector<std::shared_ptr<Figure>> figures;
  FigureContext figure_context;
};

/// The built parts of one factor. ConfigError if they do not fit each other.
Factor build_factor(const std::string& name, const FactorOptions& options);

/// The rows of all times that the paths pass through but the last, for training or validation (&Snapshot::train, ...).
/// Empty where paths have no times.
std::vector<State> rows_before(const Factors& factors, const Splits& splits, Table Snapshot::*part);

/// Only the data set of an experiment, not loaded. `folder` as in build_experiment.
std::shared_ptr<Dataset> build_dataset(const ExperimentOptions& options, const std::string& folder);

/// Builds an experiment. `folder` is where the experiment file lies: relative data paths start there, then at
/// $GENMATCH_DATA and ./data. `device` is "cpu" or "cuda". `loaded` are the splits of an experiment that differs in
/// nothing that they depend on; without them the data are loaded. Throws ConfigError or DataError.
Experiment build_experiment(const ExperimentOptions& options, uint64_t seed, const std::string& folder,
                            const std::string& device, const Splits* loaded = nullptr);

}  // namespace genmatch
