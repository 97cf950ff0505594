#include "core/data/file_dataset.h"

#include <fmt/format.h>

#include "core/data/file.h"
#include "core/errors.h"

namespace genmatch {

void FileOptions::fields(Fields& f) {
  f("file", file, "the file; relative paths start at the experiment's folder, then at $GENMATCH_DATA, then at ./data",
    required);
  f("obtain", obtain, "where to get the file; shown when it is missing");
  f("format", format,
    "how columns are meant, one for all factors or one for each; by default latlon on S^2, radians on "
    "tori, cartesian elsewhere",
    one_of({"latlon", "lonlat", "degrees", "radians", "cartesian"}));
  f("deduplicate", deduplicate, "drop rows that repeat an earlier one exactly");
  f("split", split, "how rows are shared out among training, validation and test");
}

FileDataset::FileDataset(const FileOptions& options, const DataContext& context, std::size_t columns)
    : options_(options), context_(context), coordinates_(context.spaces, options.format) {
  options_.split.check();
  const int64_t width = coordinates_.width();
  if (columns != 0 && static_cast<int64_t>(columns) != width) {
    throw OptionError("columns",
                      fmt::format("lists {} columns, but {} are needed: {}", columns, width, coordinates_.describe()));
  }
}

std::string FileDataset::path() const {
  return find_file(options_.file, context_.folder, context_.search, options_.obtain);
}

Table FileDataset::table(Numbers& numbers) const { return {coordinates_.points(numbers), numbers.names}; }

Splits FileDataset::load(uint64_t seed) const {
  const std::string file = path();
  Numbers read = numbers(file, coordinates_.width(), false);
  Splits splits = split(table(read), options_.split, options_.deduplicate, seed, file);
  splits.warnings.insert(splits.warnings.begin(), read.warnings.begin(), read.warnings.end());
  return splits;
}

Table FileDataset::read(const std::string& file) const {
  Numbers read = numbers(file, coordinates_.width(), true);
  return table(read);
}

std::string FileDataset::hash() const { return hash_hex(read_bytes(path())); }

}  // namespace genmatch
