#include "core/process/euclidean.h"

#include <cmath>

#include "core/config/catalog.h"
#include "core/numerics/special.h"
#include "core/ops.h"
#include "core/process/flat_manifold.h"

namespace genmatch {
namespace {

class Euclidean final : public FlatManifold {
 public:
  struct Options {
    int64_t dim = 2;
    void fields(Fields& f) { f("dim", dim, "dimension d of R^d", at_least(1)); }
  };

  explicit Euclidean(const Options& options) : FlatManifold(options.dim) {}
  std::string describe() const override { return "R^" + std::to_string(dim()); }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return rng.normal({n, dim()}, like);
  }
  Tensor log_base_density(const Tensor& x) const override { return log_kernel(x, at::zeros_like(x), 1); }
  Tensor violation(const Tensor& x) const override { return (x - x).sum(-1); }  // NaN unless finite

  int64_t feature_size() const override { return dim(); }
  Tensor features(const Tensor& x) const override { return x; }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override { return to_tangent(x, dx); }

  Tensor exp(const Tensor& x, const Tensor& v) const override { return x + v; }
  Tensor log(const Tensor& x, const Tensor& y) const override { return y - x; }
  Tensor project(const Tensor& x) const override { return x; }
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override {
    return (x - centre).square().sum(-1) * (-0.5 * concentration) +
           0.5 * static_cast<double>(dim()) * (std::log(concentration) - kLogTwoPi);
  }
};

}  // namespace

std::shared_ptr<const Manifold> euclidean(int64_t dim) { return std::make_shared<Euclidean>(Euclidean::Options{dim}); }

void add_euclidean(Catalog& c) { c.spaces.add<Euclidean>("euclidean", {"Euclidean space R^d", ""}); }

}  // namespace genmatch
