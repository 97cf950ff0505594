#include "core/data/data_source.h"

#include "core/config/choice.h"
#include "core/data/dataset.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/empirical.h"
#include "core/process/source.h"

namespace genmatch {
namespace {

/// Fresh draws where the law of the data is known, else their training rows.
class DataSource final : public Source {
 public:
  struct Options {
    DatasetChoice data;
    void fields(Fields& f) {
      f("data", data,
        "the data; files are looked for in $GENMATCH_DATA and ./data. Unless stated, the rows that the experiment's "
        "own data start from: those of the path's first time (data.time), or data.start");
    }
  };
  DataSource(const Options& options, const SpacePtr& space) {
    if (!options.data) return;
    data_ = options.data.make(DataContext{{space}, ".", data_search_path()});
    Rng rng(0, "data source");
    const State drawn = data_->fresh(1, rng);
    if (drawn.empty()) {
      rows_ = empirical(data_->load(0).train.x.at(0));
    } else {
      has_density_ = data_->log_density(drawn).defined();
    }
  }
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    if (rows_) return rows_->sample(n, rng, like);
    if (awaits_rows()) throw ContractError("data source: the rows to start from are not known yet");
    return data_->fresh(n, rng).at(0).to(like);
  }
  bool awaits_rows() const { return data_ == nullptr; }
  bool has_density() const override { return has_density_; }
  Tensor log_density(const Tensor& x) const override {
    if (!has_density_) throw ContractError("data source: the density of these data is not known");
    const Tensor known = data_->log_density({x.reshape({-1, x.size(-1)})});
    Shape shape = x.sizes().vec();
    shape.pop_back();
    return known.reshape(shape).to(x.options());
  }

 private:
  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<const Source> rows_;
  bool has_density_ = false;
};

}  // namespace

bool awaits_rows(const Source& source) {
  const auto* const data = dynamic_cast<const DataSource*>(&source);
  return data != nullptr && data->awaits_rows();
}

void add_data_source(Catalog& c) {
  c.sources.add<DataSource>("data", {"Other data: flows from one data set to another. Likelihoods need a law of known "
                                     "density.",
                                     ""});
}

}  // namespace genmatch
