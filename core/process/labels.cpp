#include "core/process/labels.h"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/coefficients.h"
#include "core/rng.h"

namespace genmatch {
namespace {

class Labels final : public Space {
 public:
  explicit Labels(int64_t count) : count_(count) {
    if (count < 1) throw ContractError(fmt::format("labels: at least one class expected, got {}", count));
  }
  std::string describe() const override { return fmt::format("{{0, ..., {}}}", count_ - 1); }
  Shape event_shape() const override { return {1}; }
  bool compact() const override { return true; }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return rng.integers(count_, {n, 1}).to(like);
  }
  Tensor log_base_density(const Tensor& x) const override {
    return at::full_like(x.select(-1, 0), -std::log(static_cast<double>(count_)));
  }
  Tensor distance(const Tensor& x, const Tensor& y) const override {
    return at::ne(x, y).to(x.scalar_type()).select(-1, 0);
  }
  Tensor violation(const Tensor& x) const override { return (x - x.round().clamp(0, count_ - 1)).abs().select(-1, 0); }
  int64_t feature_size() const override { return count_; }
  Tensor features(const Tensor& x) const override { return at::eq(x, at::arange(count_, x.options())).to(x.options()); }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override {
    Shape shape = at::broadcast_tensors({x, dx})[0].sizes().vec();
    shape.back() = count_;
    return at::zeros(shape, x.options());
  }
  Tensor advance(const Tensor& x, const Coefficients& c, const Tensor&, Rng&) const override {
    if (c.drift.defined() || c.variance.defined() || c.rates.defined())
      throw ContractError("advance on " + describe() + ": labels do not move");
    return x;
  }

 private:
  int64_t count_;
};

}  // namespace

std::shared_ptr<const Space> labels(int64_t count) { return std::make_shared<Labels>(count); }

}  // namespace genmatch
