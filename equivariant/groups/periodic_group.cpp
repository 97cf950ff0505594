#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/alignment/permutations.h"
#include "equivariant/clouds/periodic_cloud.h"
#include "equivariant/groups/periodic_alignment.h"

namespace genmatch {
namespace {

constexpr int64_t kGrain = 64;  // pairs for which a thread is worth its start

struct PeriodicOptions {
  bool permutations = true, translations = true;
  std::string axes = "none";
  void fields(Fields& f) {
    f("permutations", permutations, "particles may change places");
    f("translations", translations, "all particles may be shifted together");
    f("axes", axes,
      "symmetries of the box: signs: each axis may be turned round; permutations: axes change places; all: both, the "
      "hyperoctahedral group; rotations: those of them that are no mirror images",
      genmatch::one_of({"none", "signs", "permutations", "rotations", "all"}));
  }
};

// Signed permutation matrices of D axes, the identity first.
std::vector<std::vector<double>> signed_permutations(const std::string& kind, std::size_t dim) {
  std::vector<std::vector<double>> all;
  std::vector<std::size_t> order(dim);
  std::iota(order.begin(), order.end(), std::size_t{0});
  do {
    if ((kind == "none" || kind == "signs") && !std::is_sorted(order.begin(), order.end())) continue;
    for (std::size_t signs = 0; signs < std::size_t{1} << dim; ++signs) {
      if ((kind == "none" || kind == "permutations") && signs != 0) continue;
      std::vector<double> matrix(dim * dim);
      for (std::size_t d = 0; d < dim; ++d) matrix[d * dim + order[d]] = (signs >> d) % 2 != 0 ? -1 : 1;
      const Tensor m = at::tensor(matrix, at::kDouble).reshape({static_cast<int64_t>(dim), static_cast<int64_t>(dim)});
      if (kind != "rotations" || at::linalg_det(m).item<double>() > 0) all.push_back(matrix);
    }
  } while (std::next_permutation(order.begin(), order.end()));
  return all;
}

/// (g x)_i = A x_{pi(i)} + s in the box, A of the axes' symmetries. Elements are (A [n, D, D], pi int64 [n, N],
/// s [n, D]). Exact unless permutations and translations are both free: then an assignment at fixed shift and the best
/// shift at fixed assignment, which is exact in each direction, alternate and find an upper bound.
class PeriodicGroup final : public Group {
 public:
  using Options = PeriodicOptions;
  PeriodicGroup(const Options& options, const SpacePtr& space)
      : options_(options), space_(std::dynamic_pointer_cast<const PeriodicCloud>(space)) {
    if (space_ == nullptr) throw OptionError("", "is for `space: periodic_cloud`, and not for " + space->describe());
    if (options.axes != "none" && space_->space_dim() > 4) throw OptionError("axes", "for at most 4 dimensions");
    axes_ = signed_permutations(options.axes, static_cast<std::size_t>(space_->space_dim()));
    std::vector<double> flat;
    for (const auto& matrix : axes_) flat.insert(flat.end(), matrix.begin(), matrix.end());
    matrices_ = at::tensor(flat, at::kDouble).reshape({-1, space_->space_dim(), space_->space_dim()});
  }

  std::string describe() const override {
    return fmt::format("symmetries of {}: {} of its axes{}{}", space_->describe(), axes_.size(),
                       options_.permutations ? ", permutations" : "", options_.translations ? ", translations" : "");
  }
  Tensor push(const GroupElements& g, const Tensor& v) const override {
    Shape shape = v.sizes().vec();
    shape[0] = std::max(v.size(0), g[1].size(0));
    const Tensor index = g[1].unsqueeze(-1).expand(shape);
    return at::matmul(v.expand(shape).gather(-2, index), g[0].to(v.options()).transpose(-1, -2));
  }
  Tensor act(const GroupElements& g, const Tensor& x) const override {
    return space_->project(push(g, x) + g[2].to(x.options()).unsqueeze(-2));
  }
  GroupElements inverse(const GroupElements& g) const override {
    const Tensor back = g[0].transpose(-1, -2);
    return {back, inverse_permutations(g[1]), -at::matmul(back, g[2].unsqueeze(-1)).squeeze(-1)};
  }

  GroupElements random(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    const Tensor axes = matrices_.index_select(0, rng.integers(matrices_.size(0), {n})).to(like);
    Tensor permutation = at::arange(space_->particles(), at::kLong).repeat({n, 1});
    if (options_.permutations) permutation = random_permutations(n, space_->particles(), {}, rng);
    Tensor shift = at::zeros({n, space_->space_dim()}, like);
    if (options_.translations) shift = space_->length() * rng.uniform({n, space_->space_dim()}, like);
    return {axes, permutation, shift};
  }
  std::optional<GroupElements> elements(const at::TensorOptions& like) const override {
    if (options_.permutations || options_.translations) return {};
    const int64_t order = matrices_.size(0);
    return GroupElements{matrices_.to(like), at::arange(space_->particles(), at::kLong).repeat({order, 1}),
                         at::zeros({order, space_->space_dim()}, like)};
  }

  Alignment align(const Tensor& x, const Tensor& y, const AlignmentOptions& options) const override {
    const int64_t n = x.size(0);
    if (y.size(0) != n) throw ContractError(fmt::format("align: as many x as y expected, got {} and {}", n, y.size(0)));
    Tensor axes = at::empty({n}, at::kLong), permutation = at::empty({n, space_->particles()}, at::kLong),
           shift = at::empty({n, space_->space_dim()}, at::kDouble), distance = at::empty({n}, at::kDouble);
    each_pair(x, y, n, 1, options, [&](int64_t i, const PeriodicAligner::Best& best) {
      axes.data_ptr<int64_t>()[i] = static_cast<int64_t>(best.axes);
      std::copy(best.permutation.begin(), best.permutation.end(),
                permutation.data_ptr<int64_t>() + i * space_->particles());
      std::copy(best.shift.begin(), best.shift.end(), shift.data_ptr<double>() + i * space_->space_dim());
      distance.data_ptr<double>()[i] = best.squared_distance;
    });
    return {{matrices_.index_select(0, axes), permutation, shift}, distance};
  }
  Tensor squared_orbit_distances(const Tensor& x, const Tensor& y, const AlignmentOptions& options) const override {
    Tensor all = at::empty({x.size(0), y.size(0)}, at::kDouble);
    each_pair(x, y, all.numel(), y.size(0), options,
              [&](int64_t i, const PeriodicAligner::Best& best) { all.data_ptr<double>()[i] = best.squared_distance; });
    return all;
  }

 private:
  // keep(i, best) for pairs of rows i / columns of x and i % columns of y, or of rows i if there is one column.
  template <class Keep>
  void each_pair(const Tensor& x, const Tensor& y, int64_t count, int64_t columns, const AlignmentOptions& options,
                 const Keep& keep) const {
    const Tensor a = x.detach().to(at::kCPU, at::kDouble).contiguous(),
                 b = y.detach().to(at::kCPU, at::kDouble).contiguous();
    const int64_t size = space_->event_size();
    at::parallel_for(0, count, kGrain, [&](int64_t begin, int64_t end) {
      PeriodicAligner aligner(axes_, options_.permutations, options_.translations, space_->particles(),
                              space_->space_dim(), space_->length());
      for (int64_t i = begin; i < end; ++i)
        keep(i, aligner.align(a.data_ptr<double>() + i / columns * size,
                              b.data_ptr<double>() + (columns == 1 ? i : i % columns) * size, options));
    });
  }

  Options options_;
  std::shared_ptr<const PeriodicCloud> space_;
  std::vector<std::vector<double>> axes_;
  Tensor matrices_;  // the same, [order, D, D]
};

}  // namespace

void add_periodic_group(Catalog& c) {
  c.groups.add<PeriodicGroup>(
      "periodic", {"Permutations, translations and symmetries of the axes of particles in a periodic box.", ""});
}

}  // namespace genmatch
