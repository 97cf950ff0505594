#include "core/data/synthetic_dataset.h"

#include <fmt/format.h>

#include "core/data/coordinates.h"
#include "core/data/delimited.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/labels.h"

namespace genmatch {

void SyntheticOptions::fields(Fields& f) {
  f("rows", rows, "how many points are drawn", at_least(1));
  f("split", split, "how rows are shared out among training, validation and test");
}

SyntheticDataset::SyntheticDataset(const SyntheticOptions& options, const DataContext& context, int64_t dim,
                                   int64_t classes)
    : options_(options), spaces_(context.spaces), dim_(dim) {
  options_.split.check();
  const bool fits = !spaces_.empty() && spaces_[0]->event_shape() == Shape{dim_} && !spaces_[0]->compact();
  if (fits && spaces_.size() == 1) return;
  if (fits && classes == 0) throw OptionError("", "these data have no classes, but the experiment has `conditions`");
  if (fits && spaces_.size() == 2 && spaces_[1]->describe() == labels(classes)->describe()) return;
  if (fits)
    throw OptionError("", fmt::format("these data have {0} classes; write `conditions: {{class: {{classes: {0}}}}}`, "
                                      "and no other condition",
                                      classes));
  std::string got;
  for (const SpacePtr& s : spaces_) got += (got.empty() ? "" : " x ") + s->describe();
  throw OptionError("", fmt::format("its points lie in R^{}, but the space is {}; use space: {{type: euclidean, "
                                    "dim: {}}}",
                                    dim_, got, dim_));
}

State SyntheticDataset::fresh(int64_t n, Rng& rng) const {
  const Draw drawn = draw(n, rng);
  State x{drawn.points};
  if (labelled()) x.push_back(drawn.label.to(at::kDouble).unsqueeze(1));
  return x;
}

Splits SyntheticDataset::load(uint64_t seed) const {
  Rng rng(seed, "data");
  Table all{fresh(options_.rows, rng), {"x", "y"}};
  if (dim_ != 2) all.columns.clear();
  for (auto i = static_cast<int64_t>(all.columns.size()); i < dim_; ++i)
    all.columns.push_back(fmt::format("x{}", i + 1));
  if (labelled()) all.columns.emplace_back("class");
  return split(all, options_.split, false, seed, law());
}

Table SyntheticDataset::read(const std::string& file) const {
  Numbers numbers = read_delimited(file, {}, labelled() ? dim_ + 1 : dim_);
  return {Coordinates(spaces_, {}).points(numbers), numbers.names};
}

Tensor SyntheticDataset::log_density(const State& x) const {
  const Tensor points = x.at(0).to(at::kCPU, at::kDouble);
  return labelled() ? log_law_given(points, x.at(1).select(1, 0).to(at::kCPU, at::kLong)) : log_law(points);
}

Tensor SyntheticDataset::log_law(const Tensor&) const { return {}; }
Tensor SyntheticDataset::log_law_given(const Tensor&, const Tensor&) const { return {}; }

std::string SyntheticDataset::hash() const {
  return hash_hex(fmt::format("{} rows={}{}", law(), options_.rows, labelled() ? " with classes" : ""));
}

}  // namespace genmatch
