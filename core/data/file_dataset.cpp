#include "core/data/file_dataset.h"

#include <fmt/format.h>

#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

void FileOptions::fields(Fields& f) {
  f("file", file, "the file; relative paths start at the experiment's folder, then at $GENMATCH_DATA, then at ./data",
    required);
  f("validation_file", validation_file, "where validation rows stand in a file of their own; the same format");
  f("test_file", test_file, "where test rows stand in a file of their own; the same format");
  f("obtain", obtain, "where to get the file; shown when it is missing");
  f("format", format,
    "how columns are meant, one for all factors or one for each; by default latlon on S^2, radians on "
    "tori, cartesian elsewhere; projected moves points to the nearest one of the space, as particles to mean zero; "
    "padded does the same for clouds of varying numbers, in arrays with NaN for particles that are not there; "
    "rotations are nine entries of a matrix, row by row, or quaternion_wxyz",
    one_of({"latlon", "lonlat", "quaternion_wxyz", "degrees", "radians", "cartesian", "projected", "padded"}));
  f("deduplicate", deduplicate, "drop rows that repeat an earlier one exactly (with its start, if it has one)");
  f("split", split, "how rows are shared out among training, validation and test; at each time, if they have one");
  f("start", start,
    "another file, or other columns of this one, with the x0 that each row starts from, row by row: the pairs then are "
    "given, and `coupling` has no say; `source: data` starts from the law of these rows");
}

FileDataset::FileDataset(const FileOptions& options, const DataContext& context, std::size_t columns, bool timed)
    : options_(options), context_(context), coordinates_(context.spaces, options.format), timed_(timed) {
  if (!options_.validation_file.empty()) options_.split.validation = 0;
  if (!options_.test_file.empty()) options_.split.test = 0;
  options_.split.check();
  const int64_t width = coordinates_.width();
  if (columns != 0 && static_cast<int64_t>(columns) != width) {
    throw OptionError("columns",
                      fmt::format("lists {} columns, but {} are needed: {}", columns, width, coordinates_.describe()));
  }
  if (timed && columns == 0) throw OptionError("columns", "must be listed where rows have a `time`");
  const bool own_files = !options.validation_file.empty() || !options.test_file.empty();
  if (own_files && (timed || options.start))
    throw OptionError(timed ? "time" : "start", "does not go with validation_file and test_file");
  if (!options.start) return;
  if (timed) throw OptionError("start", "does not go with `time`: rows of several times have no single start");
  start_ = options.start.make(context);
}

std::string FileDataset::path(const std::string& file) const {
  return find_file(file, context_.folder, context_.search, options_.obtain);
}

Table FileDataset::table(Numbers& numbers) const {
  if (timed_) {
    numbers.values = numbers.values.narrow(1, 0, coordinates_.width());
    numbers.names.pop_back();
  }
  return {coordinates_.points(numbers), numbers.names};
}

Splits FileDataset::load(uint64_t seed) const {
  const std::string file = path(options_.file);
  Numbers read = numbers(file, coordinates_.width(), false);
  Splits splits = timed_              ? split_at_times(read, seed, file)
                  : start_ != nullptr ? split_pairs(table(read), seed, file)
                                      : split(table(read), options_.split, options_.deduplicate, seed, file);
  splits.warnings.insert(splits.warnings.begin(), read.warnings.begin(), read.warnings.end());
  take_own_files(splits);
  return splits;
}

void FileDataset::take_own_files(Splits& splits) const {
  for (const auto& [own, part] :
       {std::pair{options_.validation_file, &splits.validation}, std::pair{options_.test_file, &splits.test}}) {
    if (own.empty()) continue;
    Numbers read = numbers(path(own), coordinates_.width(), false);
    *part = table(read);
    splits.warnings.insert(splits.warnings.end(), read.warnings.begin(), read.warnings.end());
  }
  if (options_.test_file.empty()) return;
  splits.repeated_in_test = count_repeated(splits.train, splits.test);
  if (splits.repeated_in_test > 0)
    splits.warnings.push_back(
        fmt::format("{} of {} rows of test_file also stand in train, so the test likelihood rewards memorising",
                    splits.repeated_in_test, splits.test.rows()));
}

Splits FileDataset::split_at_times(Numbers& numbers, uint64_t seed, const std::string& file) const {
  const Tensor of_row = numbers.values.select(1, coordinates_.width()).contiguous();
  const Table all = table(numbers);
  const Tensor times = std::get<0>(at::_unique(of_row, /*sorted=*/true));
  Splits splits;
  for (int64_t i = 0; i < times.size(0); ++i) {
    const double time = times[i].item<double>();
    Splits part = split(all.select((of_row == time).nonzero().squeeze(1)), options_.split, options_.deduplicate, seed,
                        fmt::format("{}: time {}", file, time));
    splits.snapshots.push_back({time, part.train, part.validation, part.test});
    splits.warnings.insert(splits.warnings.end(), part.warnings.begin(), part.warnings.end());
    splits.dropped_duplicates += part.dropped_duplicates;
    splits.repeated_in_test += part.repeated_in_test;
  }
  const Snapshot& last = splits.snapshots.back();
  splits.train = last.train;
  splits.validation = last.validation;
  splits.test = last.test;
  return splits;
}

// A row and its start go through the split as one.
Splits FileDataset::split_pairs(Table ends, uint64_t seed, const std::string& file) const {
  const State starts = start_->rows().x;
  if (starts.empty())
    throw DataError(file + ": start: expected the rows of a file (csv or npy), not " +
                    in_quotes(options_.start.name()));
  const std::size_t factors = ends.x.size();
  if (starts[0].size(0) != ends.rows())
    throw DataError(
        fmt::format("{}: start: {} rows expected, one for each row of the data, got {}; rows that are "
                    "filtered or skipped must be so in both",
                    file, ends.rows(), starts[0].size(0)));
  ends.x.insert(ends.x.end(), starts.begin(), starts.end());
  Splits splits = split(ends, options_.split, options_.deduplicate, seed, file);
  for (const auto& [table, start] :
       {std::pair{&splits.train, &splits.train_starts}, std::pair{&splits.validation, &splits.validation_starts}})
    start->assign(table->x.begin() + static_cast<std::ptrdiff_t>(factors), table->x.end());
  for (Table* const table : {&splits.train, &splits.validation, &splits.test}) table->x.resize(factors);
  return splits;
}

Table FileDataset::read(const std::string& file) const {
  Numbers read = numbers(file, coordinates_.width(), true);
  return table(read);
}

Table FileDataset::rows() const {
  Numbers read = numbers(path(options_.file), coordinates_.width(), false);
  return table(read);
}

std::string FileDataset::hash() const {
  std::string own = hash_hex(read_bytes(path(options_.file)));
  for (const std::string& other : {options_.validation_file, options_.test_file})
    if (!other.empty()) own = hash_hex(own + hash_hex(read_bytes(path(other))));
  return start_ != nullptr ? hash_hex(own + start_->hash()) : own;
}

}  // namespace genmatch
