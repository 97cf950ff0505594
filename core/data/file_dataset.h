#pragma once
#include <string>
#include <vector>

#include "core/config/fields.h"
#include "core/data/coordinates.h"
#include "core/data/dataset.h"
#include "core/data/numbers.h"
#include "core/data/split.h"

namespace genmatch {

/// The options that all data sets in files have.
struct FileOptions {
  std::string file, obtain;
  std::vector<std::string> format;
  bool deduplicate = false;
  SplitOptions split;
  void fields(Fields& f);
};

/// Points in a file; what differs between kinds of files is how numbers are read.
class FileDataset : public Dataset {
 public:
  /// columns: how many the user has chosen; 0 if none. OptionError.
  FileDataset(const FileOptions& options, const DataContext& context, std::size_t columns);

  Splits load(uint64_t seed) const final;
  /// `file` is a path as the shell knows it; each of its rows gives a point.
  Table read(const std::string& file) const final;
  std::string hash() const final;

 private:
  /// The chosen columns of the file, else all, which must be `width`. `every_row`: none is filtered or left out.
  virtual Numbers numbers(const std::string& path, int64_t width, bool every_row) const = 0;
  std::string path() const;
  Table table(Numbers& numbers) const;

  FileOptions options_;
  DataContext context_;
  Coordinates coordinates_;
};

}  // namespace genmatch
