#include "core/config/catalog.h"
#include "core/ops.h"
#include "core/process/distances.h"
#include "equivariant/groups/group.h"

namespace genmatch {
namespace {

/// The identity alone, of any space: for factors without symmetry beside others that have some. Its elements are
/// nothing but as many as they are: int64 [n].
class NoSymmetry final : public Group {
 public:
  using Options = NoOptions;
  NoSymmetry(const Options&, const SpacePtr& space) : space_(space) {}
  std::string describe() const override { return "no symmetry of " + space_->describe(); }
  Tensor act(const GroupElements& g, const Tensor& x) const override {
    Shape shape = x.sizes().vec();
    if (shape[0] == 1) shape[0] = g[0].size(0);
    return x.expand(shape);
  }
  Tensor push(const GroupElements& g, const Tensor& v) const override { return act(g, v); }
  GroupElements inverse(const GroupElements& g) const override { return g; }
  GroupElements random(int64_t n, Rng&, const at::TensorOptions&) const override { return identity(n); }
  std::optional<GroupElements> elements(const at::TensorOptions&) const override { return identity(1); }

  Alignment align(const Tensor& x, const Tensor& y, const AlignmentOptions&) const override {
    return {identity(x.size(0)), space_->distance(in_double(x), in_double(y)).square()};
  }
  Tensor squared_orbit_distances(const Tensor& x, const Tensor& y, const AlignmentOptions&) const override {
    return squared_distances({space_}, {in_double(x)}, {in_double(y)});
  }

 private:
  static GroupElements identity(int64_t n) { return {at::zeros({n}, at::kLong)}; }
  static Tensor in_double(const Tensor& x) { return x.detach().to(at::kCPU, at::kDouble); }
  SpacePtr space_;
};

}  // namespace

void add_no_symmetry(Catalog& c) {
  c.groups.add<NoSymmetry>("none",
                           {"The identity alone, on any space: for factors beside others that have symmetries.", ""});
}

}  // namespace genmatch
