#include <fmt/format.h>

#include "core/data/conditional_dataset.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/experiment.h"
#include "core/fit_to_data.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"
#include "core/process/labels.h"

namespace genmatch {

Factor build_factor(const std::string& name, const FactorOptions& options) {
  Factor factor;
  factor.name = name;
  factor.space = options.space.make();
  factor.source = options.source.make(factor.space);
  factor.path = options.path.make(factor.space, factor.source);
  for (const auto& item : options.generators.items)
    factor.generators.push_back({item.value.generator.make(factor.space, factor.path), item.value.weight});
  try {
    check_weights(factor);
  } catch (const OptionError& error) {
    throw options.generators.items.front().value.generator.at_fault(error);
  }
  return factor;
}

namespace {

Spaces build_conditions(const ExperimentOptions& options) {
  Spaces parts;
  for (const auto& item : options.conditions.items) {
    const ConditionOptions& o = item.value;
    if ((o.classes > 0) == static_cast<bool>(o.space))
      throw ConfigError(fmt::format("{}: conditions.{}: expected either `classes`, e.g. {{classes: 8}}, or `space`",
                                    item.mark.text(), item.name));
    parts.push_back(o.classes > 0 ? labels(o.classes) : o.space.make());
  }
  return parts;
}

Factors build_factors(const ExperimentOptions& options) {
  Factors factors;
  for (const auto& item : options.factors.items) factors.push_back(build_factor(item.name, item.value));
  if (factors.empty()) factors.push_back(build_factor("x", options.factor));
  const double withheld = options.training.condition_dropout;
  if (const Spaces parts = build_conditions(options); !parts.empty()) {
    factors.push_back(condition_factor(parts, withheld));
  } else if (withheld > 0) {
    throw ConfigError("training.condition_dropout: there are no `conditions` to drop");
  }
  options.sampling.check_condition(factors);
  return factors;
}

// The data set with its columns as the factors want them.
std::shared_ptr<Dataset> build_dataset(const ExperimentOptions& options, const Factors& factors,
                                       const std::string& folder, const std::vector<std::string>& search) {
  Spaces columns = spaces(moving(factors));
  const std::size_t moving = columns.size();
  for (const SpacePtr& part : build_conditions(options)) columns.push_back(part);
  std::shared_ptr<Dataset> data = options.data.make(DataContext{columns, folder, search});
  if (columns.size() == moving) return data;
  return std::make_shared<ConditionalDataset>(data, std::static_pointer_cast<const Condition>(factors.back().space),
                                              moving);
}

// What cannot work on its context has to say so before the training.
template <class ChoiceType, class Check>
auto build_checked(const ChoiceType& choice, const Check& check) {
  auto built = choice.make();
  try {
    check(*built);
  } catch (const OptionError& error) {
    throw choice.at_fault(error);
  }
  return built;
}

// Rounds learn from pairs that a flow makes.
void check_rounds(const RoundOptions& rounds, const Factors& factors) {
  for (const Factor& factor : factors)
    if (factor.space->manifold() == nullptr && rounds.count + rounds.distill > 0)
      throw ConfigError("training.rounds: need flows, and there is none on " + factor.space->describe());
}

at::TensorOptions tensor_options(const std::string& dtype, const std::string& device) {
  if (device == "cuda" && !at::hasCUDA())
    throw ConfigError(
        "--device cuda: this LibTorch finds no CUDA device; use --device cpu, or build against a CUDA "
        "LibTorch on a machine with a GPU (genmatch doctor tells more)");
  return at::TensorOptions().dtype(dtype == "float64" ? at::kDouble : at::kFloat).device(device);
}

}  // namespace

std::shared_ptr<Dataset> build_dataset(const ExperimentOptions& options, const std::string& folder) {
  return build_dataset(options, build_factors(options), folder, data_search_path());
}

Experiment build_experiment(const ExperimentOptions& options, uint64_t seed, const std::string& folder,
                            const std::string& device, const Splits* loaded) {
  Experiment e;
  e.options = std::make_shared<const ExperimentOptions>(options);
  e.seed = seed;
  e.like = tensor_options(options.dtype, device);
  e.factors = build_factors(options);
  options.training.loss.make(e.factors);  // refuses factors that it does not fit before any data are read
  options.training.time.make(e.factors);
  options.sampling.make_sampler(e.factors);
  options.sampling.make_likelihood(e.factors);
  check_rounds(options.training.rounds, e.factors);
  const Spaces all = spaces(e.factors), measured = spaces(moving(e.factors));
  e.dataset = build_dataset(options, e.factors, folder, data_search_path());
  e.coupling = options.coupling.make(all);
  e.model = options.model.make(ModelContext{all, head_sizes(e.factors), e.like, seed});
  e.figure_context = {options.about.empty() ? options.name : options.about, folder, data_search_path(), e.dataset};
  for (const auto& m : options.metrics.items)
    e.metrics.push_back(build_checked(m, [&](const Metric& metric) {
      metric.check(measured);
      metric.check_data(measured, e.figure_context);
    }));
  for (const auto& b : options.baselines.items) e.baselines.push_back(b.make());
  for (const auto& f : options.figures.items)
    e.figures.push_back(build_checked(f, [&](const Figure& figure) { figure.check(e.factors, e.figure_context); }));
  e.splits = loaded != nullptr ? *loaded : e.dataset->load(seed);
  e.splits.origin = e.dataset;
  fit_to_data(e);
  if (condition_of(e.factors) != nullptr)
    e.factors.back().source = options.sampling.condition_source(e.factors, e.splits.train.x.back());
  return e;
}

}  // namespace genmatch
