#include <fmt/format.h>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/numerics/rotation.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/groups/group.h"
#include "equivariant/groups/point_groups.h"

namespace genmatch {
namespace {

struct CrystalOptions {
  std::string symmetry = "hexagonal", sample = "triclinic";
  void fields(Fields& f) {
    const auto name = genmatch::one_of(point_group_names());
    f("symmetry", symmetry,
      "rotations of the crystal, acting from the right: of a whole crystal system, or by Schoenflies' or the "
      "international symbol in quotes; the principal axis is z (c), twofold axes of D3, D4, D6 lie along x (a)",
      name);
    f("sample", sample, "rotations of the sample, acting from the left; triclinic has none but the identity", name);
  }
};

/// R -> s R c^T for orientations R, which take directions of the crystal to those of the sample, with c of the
/// crystal's point group and s of the sample's. Both are finite: orbits are looked at whole.
class CrystalGroup final : public Group {
 public:
  using Options = CrystalOptions;
  CrystalGroup(const Options& options, const SpacePtr& space)
      : options_(options), crystal_(point_group(options.symmetry)), sample_(point_group(options.sample)) {
    if (space->describe() != "SO(3)")
      throw OptionError("", "is for orientations, `space: so3`, and not for " + space->describe());
  }

  std::string describe() const override {
    return fmt::format("point group {} of the crystal, {} of the sample", options_.symmetry, options_.sample);
  }
  Tensor act(const GroupElements& g, const Tensor& x) const override {
    return g[0].to(x.options()).matmul(x).matmul(g[1].to(x.options()).transpose(-1, -2));
  }
  Tensor push(const GroupElements& g, const Tensor& v) const override { return act(g, v); }
  GroupElements inverse(const GroupElements& g) const override {
    return {g[0].transpose(-1, -2), g[1].transpose(-1, -2)};
  }

  GroupElements random(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return select(*elements(like), rng.integers(order(), {n}));
  }
  /// Of sample and crystal: [order, 3, 3] both.
  std::optional<GroupElements> elements(const at::TensorOptions& like) const override {
    const Tensor all = at::arange(order(), at::kLong);
    return GroupElements{sample_.index_select(0, all.floor_divide(crystal_.size(0))).to(like),
                         crystal_.index_select(0, all.remainder(crystal_.size(0))).to(like)};
  }

  Alignment align(const Tensor& x, const Tensor& y, const AlignmentOptions&) const override {
    if (x.size(0) != y.size(0))
      throw ContractError(fmt::format("align: as many x as y expected, got {} and {}", x.size(0), y.size(0)));
    const GroupElements all = *elements(at::kDouble);
    const Tensor p = quaternion(x);
    std::vector<Tensor> cosines;
    for (int64_t i = 0; i < order(); ++i) cosines.push_back((p * quaternion(image(all, i, y))).sum(-1).abs());
    const auto [cosine, best] = at::stack(cosines).max(0);
    return {select(all, best), squared_angle(cosine)};
  }

  Tensor squared_orbit_distances(const Tensor& x, const Tensor& y, const AlignmentOptions&) const override {
    const GroupElements all = *elements(at::kDouble);
    const Tensor p = quaternion(x);
    Tensor cosine = at::zeros({x.size(0), y.size(0)}, at::kDouble);
    for (int64_t i = 0; i < order(); ++i) {
      const Tensor of_image = p.matmul(quaternion(image(all, i, y)).t()).abs_();
      at::maximum_out(cosine, cosine, of_image);
    }
    return squared_angle(cosine);
  }

 private:
  int64_t order() const { return crystal_.size(0) * sample_.size(0); }
  static Tensor quaternion(const Tensor& x) { return quaternion_from_rotation(x.detach().to(at::kCPU, at::kDouble)); }
  Tensor image(const GroupElements& all, int64_t i, const Tensor& y) const {
    return act(select(all, at::full({1}, i, at::kLong)), y.detach().to(at::kCPU, at::kDouble));
  }
  /// Of rotations between unit quaternions whose scalar products have these moduli.
  static Tensor squared_angle(const Tensor& cosine) { return (2 * cosine.clamp_max(1).acos()).square(); }

  Options options_;
  Tensor crystal_, sample_;  // [order, 3, 3]
};

}  // namespace

void add_crystal_group(Catalog& c) {
  c.groups.add<CrystalGroup>("crystal", {"Rotations of a crystal, and of a sample, that leave an orientation the same.",
                                         "Bunge 1982, Texture Analysis in Materials Science, 2.1"});
}

}  // namespace genmatch
