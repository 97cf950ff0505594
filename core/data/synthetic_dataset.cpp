#include "core/data/synthetic_dataset.h"

#include <fmt/format.h>

#include "core/data/coordinates.h"
#include "core/data/delimited.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {

void SyntheticOptions::fields(Fields& f) {
  f("rows", rows, "how many points are drawn", at_least(1));
  f("split", split, "how rows are shared out among training, validation and test");
}

SyntheticDataset::SyntheticDataset(const SyntheticOptions& options, const DataContext& context, int64_t dim)
    : options_(options), spaces_(context.spaces), dim_(dim) {
  options_.split.check();
  if (spaces_.size() == 1 && spaces_[0]->event_shape() == Shape{dim_} && !spaces_[0]->compact()) return;
  std::string got;
  for (const SpacePtr& s : spaces_) got += (got.empty() ? "" : " x ") + s->describe();
  throw OptionError("", fmt::format("its points lie in R^{}, but the space is {}; use space: {{type: euclidean, "
                                    "dim: {}}}",
                                    dim_, got, dim_));
}

Splits SyntheticDataset::load(uint64_t seed) const {
  Rng rng(seed, "data");
  Table all{{draw(options_.rows, rng)}, {"x", "y"}};
  if (dim_ != 2) all.columns.clear();
  for (auto i = static_cast<int64_t>(all.columns.size()); i < dim_; ++i)
    all.columns.push_back(fmt::format("x{}", i + 1));
  return split(all, options_.split, false, seed, law());
}

Table SyntheticDataset::read(const std::string& file) const {
  Numbers numbers = read_delimited(file, {}, dim_);
  return {Coordinates(spaces_, {}).points(numbers), numbers.names};
}

Tensor SyntheticDataset::log_density(const State& x) const { return log_law(x.at(0).to(at::kCPU, at::kDouble)); }

Tensor SyntheticDataset::log_law(const Tensor&) const { return {}; }

std::string SyntheticDataset::hash() const { return hash_hex(fmt::format("{} rows={}", law(), options_.rows)); }

}  // namespace genmatch
