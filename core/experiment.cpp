#include "core/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

#include "core/errors.h"

namespace genmatch {

void GeneratorOptions::fields(Fields& f) {
  f("", generator, "the kind of process");
  f("weight", weight, "its share in the superposition; the shares of the kinds that carry the path sum to 1",
    at_least(0));
}

void FactorOptions::fields(Fields& f, const Constraint& of_space) {
  f("space", space, "where the data live", of_space);
  f("source", source, "the law at t = 0");
  f("path", path, "how probability moves from source to data");
  f("generators", generators, "the kinds of process that run, each with its weight", not_empty());
}

void ConditionOptions::fields(Fields& f) {
  f("classes", classes, "how many classes there are; the data name them 0, 1, ...", at_least(0));
  f("space", space, "or the space that it is a point of");
}

void PublishedRow::fields(Fields& f) {
  f("method", method, "its name in the paper", required);
  f("metric", metric, "which of our metrics it is", required);
  f("mean", mean, "the published value", required);
  f("spread", spread, "the published spread (what the paper means by it)", at_least(0));
  f("cite", cite, "where it was published", required);
  f("verified", verified, "how far the number is verified: in the authors' code or data, in a second source, or not",
    one_of({"code", "quoted", "unverified"}));
  f("protocol", protocol, "what differs from our protocol");
}

void ExperimentOptions::fields(Fields& f) {
  f("name", name, "names the run folder: letters, digits, '-', '_', '.'", required);
  f("about", about, "one sentence for people");
  factor.fields(f, {});
  f("factors", factors, "several spaces in one experiment: a map from a name to space, source, path, generators");
  f("conditions", conditions,
    "what the law is conditional on, p(x | class, dose): {class: {classes: 8}, dose: {space: {type: euclidean, dim: "
    "1}}}; the data have their columns after those of the factors");
  f("data", data, "where the data come from", required);
  f("coupling", coupling, "which source point goes with which data point");
  f("model", model, "the network");
  f("training", training, "how it is trained");
  f("sampling", sampling, "how it is run");
  f("metrics", metrics, "what is measured on the test rows");
  f("baselines", baselines, "densities to stand beside the model");
  f("figures", figures, "pictures to draw");
  f("published", published, "rows of papers to print beside our numbers");
  f("variants", variants, "named overrides to compare: {wide: {model.width: 256}}; any keys, dotted or nested");
  f("grid", grid,
    "values whose every combination is a variant: {model.width: [64, 128]}; or named values, {model: {small: {width: "
    "64}}}");
  f("seeds", seeds, "of each variant: a list, or how many from `seed` on");
  f("seed", seed, "of the split, the weights, the training and the sampling", at_least(0));
  f("dtype", dtype, "precision of the computation", one_of({"float32", "float64"}));
}

namespace {

bool usable_name(const std::string& name) {
  if (name.empty() || name[0] == '.' || name[0] == '-' || name.size() > 100) return false;
  for (char c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') return false;
  return true;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

template <class T, class Predicate>
void remove_if(std::vector<T>& from, const Predicate& predicate) {
  from.erase(std::remove_if(from.begin(), from.end(), predicate), from.end());
}

bool sets_metrics(const std::string& assignment) {
  return assignment.rfind("metrics=", 0) == 0 || assignment.rfind("metrics.", 0) == 0;
}

Mark mark_of(const Node& root, const char* key) {
  const Node* node = root.find(key);
  return node != nullptr ? node->mark : root.mark;
}

// What no single option can check.
void check_together(const ExperimentOptions& options, const Node& root, Problems& problems) {
  if (!options.name.empty() && !usable_name(options.name))
    problems.add(mark_of(root, "name"),
                 "name: must be letters, digits, '-', '_' or '.', at most 100 of them, and not "
                 "begin with '.' or '-', got \"" +
                     options.name + "\"");
  const bool single = root.find("space") != nullptr;
  const bool several = root.find("factors") != nullptr;
  if (!single && !several) problems.add(root.mark, "space: is missing; say where the data live, e.g. `space: sphere`");
  if (!several) return;
  for (const char* key : {"space", "source", "path", "generators"})
    if (root.find(key) != nullptr)
      problems.add(mark_of(root, key),
                   std::string(key) + ": belongs inside each entry of `factors` when there are several");
  if (options.factors.items.empty()) problems.add(mark_of(root, "factors"), "factors: must name at least one factor");
}

}  // namespace

Node load_experiment(const std::string& file, const std::vector<std::string>& overrides, Problems& problems) {
  Problems unreadable;
  Node root = load_yaml(file, unreadable);
  unreadable.throw_if_any();
  for (const std::string& assignment : overrides) apply_override(root, assignment, problems);
  return root;
}

ExperimentOptions read_experiment(const Node& root, const Catalog& catalog, Problems& problems) {
  ExperimentOptions options;
  read_fields(
      root, [&](Fields& f) { options.fields(f); }, catalog, problems);
  check_together(options, root, problems);
  return options;
}

ExperimentOptions read_experiment(const std::string& file, const std::vector<std::string>& overrides,
                                  const Catalog& catalog) {
  Problems problems;
  const Node root = load_experiment(file, overrides, problems);
  ExperimentOptions options = read_experiment(root, catalog, problems);
  const bool varies = root.find("variants") != nullptr || root.find("grid") != nullptr;
  if (!varies) check_published(options, metric_names(options), overrides, problems);
  problems.throw_if_any();
  return options;
}

namespace {

template <class Choices>
std::vector<std::string> distinct_names(const Choices& choices) {
  std::vector<std::string> names;
  std::map<std::string, int> seen;
  for (const auto& choice : choices.items) {
    const int times = ++seen[choice.name()];
    names.push_back(times == 1 ? choice.name() : fmt::format("{} ({})", choice.name(), times));
  }
  return names;
}

}  // namespace

std::vector<std::string> metric_names(const ExperimentOptions& options) { return distinct_names(options.metrics); }

std::vector<std::string> baseline_names(const ExperimentOptions& options) { return distinct_names(options.baselines); }

void check_published(const ExperimentOptions& options, const std::vector<std::string>& computed,
                     const std::vector<std::string>& overrides, Problems& problems) {
  if (std::any_of(overrides.begin(), overrides.end(), sets_metrics)) return;
  for (const auto& row : options.published.items) {
    const std::string& metric = row.value.metric;
    if (metric.empty() || contains(computed, metric)) continue;  // one that is missing has been reported
    const std::string meant = did_you_mean(metric, computed);
    problems.add(row.mark,
                 "published.metric: \"" + metric + "\" is not computed; " +
                     (meant.empty() ? "add it to `metrics`, or remove the row" : "did you mean \"" + meant + "\"?"));
  }
}

std::string resolved_yaml(ExperimentOptions& options, const Catalog& catalog) {
  Node root = write_fields([&](Fields& f) { options.fields(f); }, catalog);
  // A file has either `factors` or the options of a single one.
  std::vector<std::string> left_out{"variants", "grid", "seeds"};
  const std::vector<std::string> of_single{"space", "source", "path", "generators"};
  if (options.factors.items.empty()) {
    left_out.emplace_back("factors");
  } else {
    left_out.insert(left_out.end(), of_single.begin(), of_single.end());
  }
  remove_if(root.entries, [&](const Node::Entry& e) { return contains(left_out, e.key); });
  const std::vector<std::string> computed = metric_names(options);
  remove_if(root.find("published")->items,
            [&](const Node& row) { return !contains(computed, row.find("metric")->text); });
  return to_yaml(root);
}

}  // namespace genmatch
