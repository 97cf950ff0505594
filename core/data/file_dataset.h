#pragma once
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/config/fields.h"
#include "core/data/coordinates.h"
#include "core/data/dataset.h"
#include "core/data/numbers.h"
#include "core/data/split.h"

namespace genmatch {

/// The options that all data sets in files have.
struct FileOptions {
  std::string file, obtain;
  std::string validation_file, test_file;  ///< of rows that are not shares of those of `file`; empty if they are
  std::vector<std::string> format;
  bool deduplicate = false;
  SplitOptions split;
  DatasetChoice start;  ///< x0 of each row; empty where pairs are not given
  void fields(Fields& f);
};

/// Points in a file; what differs between kinds of files is how numbers are read.
class FileDataset : public Dataset {
 public:
  /// columns: how many the user has chosen; 0 if none. timed: numbers() has one more column, the time. OptionError.
  FileDataset(const FileOptions& options, const DataContext& context, std::size_t columns, bool timed = false);

  Splits load(uint64_t seed) const final;
  /// `file` is a path as the shell knows it; each of its rows gives a point.
  Table read(const std::string& file) const final;
  Table rows() const final;
  std::string hash() const final;

 protected:
  /// Whether NaN means something in these data.
  bool may_lack_values() const { return coordinates_.may_lack_values(); }

 private:
  /// The chosen columns of the file, else all, which must be `width`, and then that of the time, if the data are timed.
  /// `every_row`: none is filtered or left out.
  virtual Numbers numbers(const std::string& path, int64_t width, bool every_row) const = 0;
  std::string path(const std::string& file) const;
  void take_own_files(Splits& splits) const;
  Table table(Numbers& numbers) const;
  Splits split_at_times(Numbers& numbers, uint64_t seed, const std::string& file) const;
  Splits split_pairs(Table ends, uint64_t seed, const std::string& file) const;

  FileOptions options_;
  DataContext context_;
  Coordinates coordinates_;
  bool timed_;
  std::shared_ptr<const Dataset> start_;  // null where pairs are not given
};

}  // namespace genmatch
