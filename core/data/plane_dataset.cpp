#include "core/data/plane_dataset.h"

#include <fmt/format.h>

#include "core/data/coordinates.h"
#include "core/data/delimited.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {

void PlaneOptions::fields(Fields& f) {
  f("rows", rows, "how many points are drawn", at_least(1));
  f("split", split, "how rows are shared out among training, validation and test");
}

PlaneDataset::PlaneDataset(const PlaneOptions& options, const DataContext& context)
    : options_(options), spaces_(context.spaces) {
  options_.split.check();
  if (spaces_.size() == 1 && spaces_[0]->event_shape() == Shape{2} && !spaces_[0]->compact()) return;
  std::string got;
  for (const SpacePtr& s : spaces_) got += (got.empty() ? "" : " x ") + s->describe();
  throw OptionError("", "its points lie in R^2, but the space is " + got + "; use space: {type: euclidean, dim: 2}");
}

Splits PlaneDataset::load(uint64_t seed) const {
  Rng rng(seed, "data");
  const Table all{{draw(options_.rows, rng)}, {"x", "y"}};
  return split(all, options_.split, false, seed, law());
}

Table PlaneDataset::read(const std::string& file) const {
  Numbers numbers = read_delimited(file, {}, 2);
  return {Coordinates(spaces_, {}).points(numbers), numbers.names};
}

std::string PlaneDataset::hash() const { return hash_hex(fmt::format("{} rows={}", law(), options_.rows)); }

}  // namespace genmatch
