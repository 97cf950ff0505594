#include "core/data/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/state.h"
#include "core/rng.h"

namespace genmatch {

void SplitOptions::fields(Fields& f) {
  f("validation", validation, "share of the rows for validation, rounded down", between(0, 1));
  f("test", test, "share of the rows for the test, rounded down", between(0, 1));
  f("seed", seed, "of the split; the run's seed unless stated", at_least(0));
  f("blocks", blocks,
    "cut the rows, in the file's order, into so many blocks and share out these: where neighbouring rows are nearly "
    "the "
    "same, as pixels of an image, single rows of the test would have their like in train",
    at_least(2));
}

void SplitOptions::check() const {
  if (validation + test < 1) return;
  throw OptionError("split", fmt::format("validation {} and test {} leave no rows for training; their sum must be "
                                         "below 1",
                                         validation, test));
}

Table Table::select(const Tensor& rows) const {
  return {rows_of(x, rows), columns, group.defined() ? group.index_select(0, rows) : Tensor()};
}

State Snapshot::all() const { return stacked({train.x, validation.x, test.x}); }

namespace {

/// The rows of a table as keys that are equal where all coordinates are.
class RowKeys {
 public:
  explicit RowKeys(const Table& table) : rows_(table.rows()) {
    std::vector<Tensor> flat;
    for (const Tensor& factor : table.x)
      flat.push_back(factor.reshape({rows_, factor.numel() / std::max<int64_t>(rows_, 1)}));
    data_ = at::cat(flat, 1).contiguous();
  }
  int64_t size() const { return rows_; }
  std::string_view operator[](int64_t i) const {
    const auto bytes = static_cast<std::size_t>(data_.size(1)) * sizeof(double);
    return {reinterpret_cast<const char*>(data_.data_ptr<double>()) + static_cast<std::size_t>(i) * bytes, bytes};
  }

 private:
  int64_t rows_;
  Tensor data_;
};

/// Indices of the rows that repeat no earlier one.
Tensor first_occurrences(const Table& table) {
  const RowKeys keys(table);
  std::unordered_set<std::string_view> seen;
  std::vector<int64_t> first;
  for (int64_t i = 0; i < keys.size(); ++i) {
    if (seen.insert(keys[i]).second) first.push_back(i);
  }
  return at::tensor(first, at::kLong);
}

// How many of `pieces`, which are called `unit`.
int64_t share(double fraction, int64_t pieces, const char* unit, const char* what, const std::string& name) {
  constexpr double rounding = 1e-9;  // 0.29 * 100 is 28.999999999999996
  const auto size = static_cast<int64_t>(std::floor(fraction * static_cast<double>(pieces) + rounding));
  if (fraction > 0 && size == 0) {
    throw DataError(
        fmt::format("{}: {} {}s are too few to split: the share {} for {} is less than one {}; use more "
                    "data, a larger share, or 0",
                    name, pieces, unit, fraction, what, unit));
  }
  return size;
}

// The rows of the chosen blocks, of `rows` rows cut into `blocks`.
Tensor rows_of_blocks(const Tensor& chosen, int64_t blocks, int64_t rows) {
  const Tensor block = at::div(at::arange(rows, at::kLong) * blocks, rows, "floor");
  return at::isin(block, chosen).nonzero().flatten();
}

}  // namespace

int64_t count_repeated(const Table& train, const Table& test) {
  const RowKeys train_keys(train), test_keys(test);
  std::unordered_set<std::string_view> known;
  for (int64_t i = 0; i < train_keys.size(); ++i) known.insert(train_keys[i]);
  int64_t count = 0;
  for (int64_t i = 0; i < test_keys.size(); ++i) count += static_cast<int64_t>(known.count(test_keys[i]));
  return count;
}

Splits split(const Table& all, const SplitOptions& options, bool deduplicate, uint64_t seed, const std::string& name) {
  Splits out;
  const Table kept = deduplicate ? all.select(first_occurrences(all)) : all;
  const int64_t rows = kept.rows();
  out.dropped_duplicates = all.rows() - rows;
  if (options.blocks && *options.blocks > rows)
    throw DataError(fmt::format("{}: {} blocks of {} rows: each needs a row at least", name, *options.blocks, rows));
  const int64_t pieces = options.blocks.value_or(rows);
  const char* const unit = options.blocks ? "block" : "row";
  const int64_t validation = share(options.validation, pieces, unit, "validation", name);
  const int64_t test = share(options.test, pieces, unit, "test", name);
  const int64_t train = pieces - validation - test;
  if (train < 1) throw DataError(fmt::format("{}: {} {}s leave none for training", name, pieces, unit));
  const Tensor order = Rng(options.seed ? static_cast<uint64_t>(*options.seed) : seed, "split").permutation(pieces);
  const auto part = [&](int64_t first, int64_t size) {
    const Tensor chosen = order.narrow(0, first, size);
    return kept.select(options.blocks ? rows_of_blocks(chosen, pieces, rows) : chosen);
  };
  out.train = part(0, train);
  out.validation = part(train, validation);
  out.test = part(train + validation, test);
  out.repeated_in_test = count_repeated(out.train, out.test);
  if (out.repeated_in_test > 0) {
    out.warnings.push_back(
        fmt::format("{} of {} test rows also stand in train, so the test likelihood rewards "
                    "memorising; use deduplicate: true",
                    out.repeated_in_test, out.test.rows()));
  }
  return out;
}

}  // namespace genmatch
