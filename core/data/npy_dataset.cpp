#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/data/file_dataset.h"
#include "core/data/npy.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

class Npy final : public FileDataset {
 public:
  struct Options : FileOptions {
    std::string member;
    std::vector<int64_t> columns;
    std::optional<int64_t> time;
    void fields(Fields& f) {
      FileOptions::fields(f);
      f("member", member, "which array of an .npz archive");
      f("columns", columns, "which columns, by position from 1; rows of more dimensions are flattened first",
        at_least(1));
      f("time", time, "the column that holds the time of a row, of data that were taken at a few times", at_least(1));
    }
  };
  Npy(const Options& options, const DataContext& context)
      : FileDataset(options, context, options.columns.size(), options.time.has_value()),
        member_(options.member),
        columns_(options.columns) {
    if (options.time) columns_.push_back(*options.time);
  }

 private:
  Numbers numbers(const std::string& path, int64_t width, bool) const override {
    const Tensor array = read_npy(path, member_);
    if (array.dim() == 0 || array.numel() == 0) throw DataError(path + ": the array holds no rows");
    Tensor values = array.to(at::kDouble).reshape({array.size(0), array.numel() / array.size(0)});
    if (columns_.empty() && values.size(1) != width) {
      throw DataError(fmt::format("{}: expected {} columns, got {} (shape {}); choose with columns: […]", path, width,
                                  values.size(1), fmt::join(array.sizes(), "x")));
    }
    std::vector<int64_t> chosen = columns_;
    for (int64_t i = 1; columns_.empty() && i <= width; ++i) chosen.push_back(i);
    Numbers out;
    std::vector<Tensor> picked;
    for (const int64_t c : chosen) {
      if (c > values.size(1)) {
        throw DataError(
            fmt::format("{}: there is no column {}: the array has {}, counted from 1", path, c, values.size(1)));
      }
      picked.push_back(values.select(1, c - 1));
      out.names.push_back(fmt::format("column {}", c));
    }
    out.values = at::stack(picked, 1);
    out.place = [path, names = out.names](int64_t row, int64_t column) {
      return fmt::format("{}: row {}, {}", path, row + 1, names[static_cast<std::size_t>(column)]);
    };
    refuse_not_finite(out);
    return out;
  }

  void refuse_not_finite(const Numbers& numbers) const {
    Faults faults;
    const Tensor& x = numbers.values;
    const Tensor bad = at::nonzero(may_lack_values() ? x.isinf() : x.isfinite().logical_not());
    for (int64_t i = 0; i < bad.size(0); ++i) {
      const auto row = bad[i][0].item<int64_t>(), column = bad[i][1].item<int64_t>();
      faults.add(fmt::format("{}: expected a finite number, got {}; correct or remove the row",
                             numbers.place(row, column), numbers.values[row][column].item<double>()));
    }
    faults.throw_if_any();
  }

  std::string member_;
  std::vector<int64_t> columns_;
};

}  // namespace

void add_npy(Catalog& c) { c.datasets.add<Npy>("npy", {"Rows of an array in NumPy's .npy or .npz files.", ""}); }

}  // namespace genmatch
