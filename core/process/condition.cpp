#include "core/process/condition.h"

#include <limits>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/canonical_source.h"
#include "core/process/path.h"
#include "core/rng.h"

namespace genmatch {
namespace {

Tensor zeros(std::initializer_list<Tensor> of) { return at::zeros_like(at::broadcast_tensors(of)[0]); }

class Staying final : public Path {
 public:
  explicit Staying(std::shared_ptr<const Condition> space) : space_(std::move(space)) {}
  Tensor sample(const Tensor&, const Tensor& x1, const Tensor&, Rng&) const override { return x1; }
  Tensor velocity(const Tensor& xt, const Tensor&, const Tensor&, const Tensor&) const override {
    return at::zeros_like(xt);
  }
  Tensor log_density(const Tensor& xt, const Tensor&, const Tensor& x1) const override {
    const Tensor d = space_->distance(xt, x1);
    return at::zeros_like(d).masked_fill(d > 0, -std::numeric_limits<double>::infinity());
  }

 private:
  std::shared_ptr<const Condition> space_;
};

}  // namespace

Condition::Condition(Spaces parts) : parts_(std::move(parts)) {
  if (parts_.empty()) throw ContractError("Condition: at least one space expected, got none");
  for (const SpacePtr& part : parts_) size_ += part->event_size();
}

Tensor Condition::given(const State& values) const {
  if (values.size() != parts_.size())
    throw ContractError("Condition: values of " + std::to_string(parts_.size()) + " spaces expected, got " +
                        std::to_string(values.size()));
  State columns;
  for (std::size_t i = 0; i < parts_.size(); ++i)
    columns.push_back(values[i].flatten(-static_cast<int64_t>(parts_[i]->event_shape().size())));
  columns.push_back(at::ones_like(columns.front().narrow(-1, 0, 1)));
  return at::cat(columns, -1);
}

State Condition::values(const Tensor& x) const {
  State all;
  int64_t first = 0;
  for (const SpacePtr& part : parts_) {
    Shape shape = x.sizes().vec();
    shape.pop_back();
    for (const int64_t size : part->event_shape()) shape.push_back(size);
    all.push_back(x.narrow(-1, first, part->event_size()).reshape(shape));
    first += part->event_size();
  }
  return all;
}

std::string Condition::describe() const {
  std::string all;
  for (const SpacePtr& part : parts_) all += (all.empty() ? "given " : " x ") + part->describe();
  return all;
}

Tensor Condition::sample(int64_t n, Rng& rng, const at::TensorOptions& like) const {
  State all;
  for (const SpacePtr& part : parts_) all.push_back(part->sample(n, rng, like));
  return given(all);
}

Tensor Condition::log_base_density(const Tensor& x) const {
  const State all = values(x);
  Tensor sum = at::zeros_like(x.select(-1, 0));
  for (std::size_t i = 0; i < all.size(); ++i) sum = sum + parts_[i]->log_base_density(all[i]);
  return sum;
}

Tensor Condition::distance(const Tensor& x, const Tensor& y) const {
  const State a = values(x), b = values(y);
  Tensor squares;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Tensor square = parts_[i]->distance(a[i], b[i]).square();
    squares = squares.defined() ? squares + square : square;
  }
  return squares.sqrt() * (present(x) * present(y)).select(-1, 0);
}

Tensor Condition::violation(const Tensor& x) const {
  const State all = values(x);
  Tensor worst = at::zeros_like(x.select(-1, 0));
  for (std::size_t i = 0; i < all.size(); ++i) worst = at::maximum(worst, parts_[i]->violation(all[i]));
  const Tensor flag = present(x).select(-1, 0);
  return at::where(flag == 1, worst, x.abs().amax(-1));
}

int64_t Condition::feature_size() const {
  int64_t size = 1;
  for (const SpacePtr& part : parts_) size += part->feature_size();
  return size;
}

Tensor Condition::features(const Tensor& x) const {
  const State all = values(x);
  std::vector<Tensor> columns;
  for (std::size_t i = 0; i < all.size(); ++i) columns.push_back(parts_[i]->features(all[i]) * present(x));
  columns.push_back(present(x));
  return at::cat(columns, -1);
}

Tensor Condition::features_jvp(const Tensor& x, const Tensor& dx) const {
  Shape shape = at::broadcast_tensors({x, dx})[0].sizes().vec();
  shape.back() = feature_size();
  return at::zeros(shape, x.options());
}

Tensor Condition::exp(const Tensor& x, const Tensor& v) const { return at::broadcast_tensors({x, v})[0]; }
Tensor Condition::log(const Tensor& x, const Tensor& y) const { return zeros({x, y}); }
Tensor Condition::to_tangent(const Tensor& x, const Tensor& v) const { return zeros({x, v}); }
Tensor Condition::inner(const Tensor& x, const Tensor& u, const Tensor& v) const {
  return zeros({x, u, v}).select(-1, 0);
}
Tensor Condition::transport(const Tensor& x, const Tensor& y, const Tensor& v) const { return zeros({x, y, v}); }
Tensor Condition::tangent_basis(const Tensor& x) const {
  Shape shape = x.sizes().vec();
  shape.insert(shape.begin(), 0);
  return at::zeros(shape, x.options());
}
Tensor Condition::log_volume_distortion(const Tensor& x, const Tensor& v) const { return zeros({x, v}).select(-1, 0); }
Tensor Condition::to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const {
  return zeros({x, v, dx, dv});
}
Tensor Condition::log_kernel(const Tensor&, const Tensor&, double) const {
  throw ContractError("log_kernel: a condition has no density to smooth");
}

Factor condition_factor(Spaces parts, double withheld) {
  const auto space = std::make_shared<const Condition>(std::move(parts));
  Factor factor;
  factor.name = "given";
  factor.space = space;
  factor.source = std::make_shared<CanonicalSource>(space);
  factor.path = std::make_shared<Staying>(space);
  factor.withheld = withheld;
  return factor;
}

const Condition* condition_of(const Factors& factors) {
  return factors.empty() ? nullptr : dynamic_cast<const Condition*>(factors.back().space.get());
}

State withhold(const Factors& factors, State x, const Tensor& rows) {
  const Condition* const condition = condition_of(factors);
  if (condition == nullptr) return x;
  if (x.size() + 1 == factors.size()) {
    x.push_back(at::zeros({x.at(0).size(0), condition->event_size()}, x.at(0).options()));
  } else if (x.size() == factors.size()) {
    Tensor& c = x.back();
    c = rows.defined() ? c.masked_fill(rows.unsqueeze(-1), 0) : at::zeros_like(c);
  } else {
    throw ContractError("withhold: a state of " + std::to_string(factors.size()) + " factors expected, got " +
                        std::to_string(x.size()));
  }
  return x;
}

}  // namespace genmatch
