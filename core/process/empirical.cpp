#include "core/process/empirical.h"

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Empirical final : public Source {
 public:
  explicit Empirical(Tensor rows) : rows_(std::move(rows)) {
    if (!rows_.defined() || rows_.dim() < 1 || rows_.size(0) < 1)
      throw ContractError("empirical: at least one row expected, got none");
  }
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return rows_.index_select(0, rng.integers(rows_.size(0), {n}).to(rows_.device())).to(like);
  }
  bool has_density() const override { return false; }
  Tensor log_density(const Tensor&) const override {
    throw ContractError("empirical: the rows of a table have no density");
  }

 private:
  Tensor rows_;
};

}  // namespace

std::shared_ptr<const Source> empirical(Tensor rows) { return std::make_shared<Empirical>(std::move(rows)); }

}  // namespace genmatch
