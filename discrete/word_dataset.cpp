#include "discrete/word_dataset.h"

#include <fmt/format.h>

#include "core/data/coordinates.h"
#include "core/data/delimited.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "discrete/word_table.h"

namespace genmatch {

WordDataset::WordDataset(const SyntheticOptions& options, const DataContext& context, const char* who)
    : options_(options), spaces_(context.spaces) {
  options_.split.check();
  if (spaces_.size() != 1) throw OptionError("", std::string(who) + " has one factor and no conditions");
  alphabet_ = &as_alphabet(*spaces_[0], who);
}

State WordDataset::fresh(int64_t n, Rng& rng) const { return word_table(*alphabet_, draw(n, rng)).x; }

Splits WordDataset::load(uint64_t seed) const {
  Rng rng(seed, "data");
  Splits splits = split(word_table(*alphabet_, draw(options_.rows, rng)), options_.split, false, seed, law());
  splits.warnings.clear();  // words repeat by chance: that says nothing of the split
  return splits;
}

Table WordDataset::read(const std::string& file) const {
  Numbers numbers = read_delimited(file, {}, alphabet_->event_size());
  return {Coordinates(spaces_, {}).points(numbers), numbers.names};
}

std::string WordDataset::hash() const { return hash_hex(fmt::format("{} rows={}", law(), options_.rows)); }

Tensor WordDataset::log_density(const State& x) const {
  return log_law(alphabet_->indices(x.at(0).to(at::kCPU)).flatten(1));
}

}  // namespace genmatch
