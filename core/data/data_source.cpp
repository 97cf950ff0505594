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
    DatasetChoice data{"moons"};
    void fields(Fields& f) { f("data", data, "the data; files are looked for in $GENMATCH_DATA and ./data"); }
  };
  DataSource(const Options& options, const SpacePtr& space)
      : data_(options.data.make(DataContext{{space}, ".", data_search_path()})) {
    Rng rng(0, "data source");
    const State drawn = data_->fresh(1, rng);
    if (drawn.empty()) {
      rows_ = empirical(data_->load(0).train.x.at(0));
    } else {
      has_density_ = data_->log_density(drawn).defined();
    }
  }
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return rows_ ? rows_->sample(n, rng, like) : data_->fresh(n, rng).at(0).to(like);
  }
  bool has_density() const override { return has_density_; }
  Tensor log_density(const Tensor& x) const override {
    const Tensor known = data_->log_density({x.reshape({-1, x.size(-1)})});
    if (!known.defined()) throw ContractError("data source: the density of these data is not known");
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

void add_data_source(Catalog& c) {
  c.sources.add<DataSource>("data", {"Other data: flows from one data set to another. Likelihoods need a law of known "
                                     "density.",
                                     ""});
}

}  // namespace genmatch
