#include "experiments/compare/study.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "core/config/values.h"
#include "core/errors.h"
#include "experiments/compare/axes.h"

namespace genmatch {

namespace {

constexpr std::size_t most_variants = 10000;
constexpr int64_t most_seeds = 10000;

/// One alternative of each axis.
using Combination = std::vector<const Alternative*>;

std::vector<Combination> product(const std::vector<Axis>& axes) {
  std::vector<Combination> all{{}};
  for (const Axis& axis : axes) {
    std::vector<Combination> longer;
    for (const Combination& shorter : all)
      for (const Alternative& a : axis) (longer.emplace_back(shorter)).push_back(&a);
    all = std::move(longer);
  }
  return all;
}

bool too_many(const std::vector<Axis>& axes) {
  std::size_t total = 1;
  for (const Axis& axis : axes) {
    if (axis.size() > most_variants / total) return true;
    total *= axis.size();
  }
  return false;
}

std::string name_of(const Combination& combination) {
  std::vector<std::string> labels;
  for (const Alternative* a : combination) labels.push_back(a->label);
  return fmt::format("{}", fmt::join(labels, ", "));
}

std::string slug_of(const std::string& name) {
  constexpr std::size_t longest = 80;
  std::string slug;
  for (char c : name) {
    const bool fits = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                      c == '_' || c == '.' || c == '=';
    if (fits) slug += c;
    if (!fits && !slug.empty() && slug.back() != '-' && slug.back() != '=') slug += '-';
    if (slug.size() == longest) break;
  }
  slug.erase(0, slug.find_first_not_of("-."));
  slug.erase(slug.find_last_not_of("-.") + 1);
  return slug.empty() ? "variant" : slug;
}

void give_slugs(std::vector<Variant>& variants) {
  std::set<std::string> taken;
  for (Variant& v : variants) {
    const std::string stem = slug_of(v.name);
    v.slug = stem;
    for (int i = 2; !taken.insert(v.slug).second; ++i) v.slug = fmt::format("{}-{}", stem, i);
  }
}

/// Forms the variants of one file.
class Former {
 public:
  /// `root` is the whole file, whose own problems are in `problems` already.
  Former(const Node& root, const Catalog& catalog, Problems& problems)
      : plain_(root), catalog_(catalog), problems_(problems), known_(problems.lines().begin(), problems.lines().end()) {
    const auto varies = [](const Node::Entry& e) { return e.key == "variants" || e.key == "grid" || e.key == "seeds"; };
    auto& entries = plain_.entries;
    entries.erase(std::remove_if(entries.begin(), entries.end(), varies), entries.end());
  }

  Variant form(const Combination& combination, const std::string& name) {
    Node node = plain_;
    Problems found;
    for (const Alternative* a : combination)
      for (const Node::Entry& change : a->changes) merge_at(node, change.key, change.mark, change.value, found);
    const Mark mark = combination.empty() ? plain_.mark : combination.front()->mark;
    Variant variant{name, "", mark, read_experiment(node, catalog_, found)};
    for (const std::string& line : found.lines())
      if (known_.insert(line).second) problems_.add({}, fmt::format("{} (variant \"{}\")", line, name));
    if (problems_.empty()) refuse_repeated(combination, variant);
    return variant;
  }

  /// Variants with the same options. Kept apart, as what is wrong with a variant can make it equal to another.
  const Problems& repeated() const { return repeated_; }

 private:
  void refuse_repeated(const Combination& combination, const Variant& variant) {
    ExperimentOptions options = variant.options;
    options.about.clear();
    const auto [found, is_new] = formed_.emplace(resolved_yaml(options, catalog_), First{variant.name, combination});
    if (is_new) return;
    const First& first = found->second;
    std::size_t last = combination.size() - 1;
    while (last > 0 && combination[last] == first.combination[last]) --last;
    const Mark& mark = combination[last]->mark;
    if (known_.insert(mark.text()).second)
      repeated_.add(
          mark, fmt::format("variant \"{}\" has the same options as \"{}\"; remove one of them, or make them differ",
                            variant.name, first.name));
  }

  struct First {
    std::string name;
    Combination combination;
  };
  Node plain_;
  const Catalog& catalog_;
  Problems& problems_;
  Problems repeated_;
  std::set<std::string> known_;          // what has been reported, and where
  std::map<std::string, First> formed_;  // by the options that a variant resolves to
};

std::vector<Variant> read_variants(const Node& root, const ExperimentOptions& base, const Catalog& catalog,
                                   Problems& problems) {
  Former former(root, catalog, problems);
  const std::vector<Axis> axes = read_axes(root, problems);
  if (too_many(axes)) {
    const Node* grid = root.find("grid");
    problems.add(grid != nullptr ? grid->mark : root.find("variants")->mark,
                 fmt::format("grid: there would be more than {} variants; leave out keys or values", most_variants));
    return {};
  }
  std::vector<Variant> variants;
  for (const Combination& c : product(axes)) variants.push_back(former.form(c, c.empty() ? base.name : name_of(c)));
  problems.add(former.repeated());
  give_slugs(variants);
  return variants;
}

std::vector<uint64_t> counted(const Node& node, int64_t first, Problems& problems) {
  int64_t n = 1;
  read_value(node, &n, between(1, most_seeds), "seeds", problems);
  if (first > std::numeric_limits<int64_t>::max() - n) {
    problems.add(node.mark, "seeds: `seed` is too large to count on from it; write a list");
    return {};
  }
  std::vector<uint64_t> seeds;
  for (int64_t i = 0; i < n; ++i) seeds.push_back(static_cast<uint64_t>(first + i));
  return seeds;
}

std::vector<uint64_t> read_seeds(const Node& root, int64_t first, Problems& problems) {
  const Node* node = root.find("seeds");
  if (node == nullptr) return {static_cast<uint64_t>(first)};
  if (node->kind != Node::Kind::list) return counted(*node, first, problems);
  std::vector<int64_t> listed;
  read_value(*node, &listed, at_least(0) & not_empty(), "seeds", problems);
  std::set<int64_t> before;
  for (std::size_t i = 0; i < listed.size(); ++i)
    if (!before.insert(listed[i]).second)
      problems.add(node->items[i].mark, fmt::format("seeds.{}: {} stands in the list twice", i, listed[i]));
  return {listed.begin(), listed.end()};
}

std::vector<std::string> computed_metrics(const Study& study) {
  std::vector<std::string> all = metric_names(study.base);
  for (const Variant& v : study.variants)
    for (const std::string& metric : metric_names(v.options))
      if (std::find(all.begin(), all.end(), metric) == all.end()) all.push_back(metric);
  return all;
}

}  // namespace

Study read_study(const std::string& file, const std::vector<std::string>& overrides, const Catalog& catalog) {
  Problems problems;
  const Node root = load_experiment(file, overrides, problems);
  Study study;
  study.file = file;
  study.base = read_experiment(root, catalog, problems);
  study.variants = read_variants(root, study.base, catalog, problems);
  study.seeds = read_seeds(root, study.base.seed, problems);
  check_published(study.base, computed_metrics(study), overrides, problems);
  problems.throw_if_any();
  return study;
}

const Variant& find_variant(const Study& study, const std::string& name) {
  for (const auto field : {&Variant::name, &Variant::slug})
    for (const Variant& v : study.variants)
      if (v.*field == name) return v;
  std::vector<std::string> names;
  for (const Variant& v : study.variants) names.push_back(v.name);
  const std::string meant = did_you_mean(name, names);
  constexpr std::size_t most = 20;
  const std::string more = names.size() > most ? ", …" : "";
  names.resize(std::min(names.size(), most));
  throw ConfigError(fmt::format("{}: has no variant \"{}\"; ", study.file, name) +
                    (meant.empty() ? fmt::format("the variants are: \"{}\"{}", fmt::join(names, "\", \""), more)
                                   : fmt::format("did you mean \"{}\"?", meant)));
}

}  // namespace genmatch
