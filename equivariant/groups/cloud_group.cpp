#include "equivariant/groups/cloud_group.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/alignment/permutations.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/groups/cloud_slots.h"

namespace genmatch {
namespace {

constexpr int64_t kGrain = 64;  // pairs for which a thread is worth its start

// Calls f(std::integral_constant<int, D>) for the D that is meant.
template <class F>
void with_dimension(int64_t dim, const F& f) {
  if (dim == 1) f(std::integral_constant<int, 1>());
  if (dim == 2) f(std::integral_constant<int, 2>());
  if (dim == 3) f(std::integral_constant<int, 3>());
}

// Orthogonal matrices [n, D, D], uniform on SO(D) or O(D): Q of a Gaussian one, with the signs that make it unique.
Tensor random_rotations(int64_t n, int64_t dim, bool reflections, Rng& rng) {
  const auto [q, r] = at::linalg_qr(rng.normal({n, dim, dim}, at::kDouble));
  Tensor all = q * r.diagonal(0, -2, -1).sign().unsqueeze(-2);
  if (reflections || n == 0) return all;
  all.select(-1, 0).mul_(at::linalg_det(all).unsqueeze(-1));
  return all;
}

}  // namespace

void CloudGroup::Options::fields(Fields& f) {
  f("permutations", permutations, "particles of a species may change places");
  f("rotations", rotations, "special_orthogonal: rotations; orthogonal: reflections too",
    genmatch::one_of({"none", "special_orthogonal", "orthogonal"}));
  f("translations", translations, "clouds may be shifted; point_cloud has none, since its clouds have mean zero");
  f("species", species, "a number for each particle: only equal ones change places; all are alike if left out");
}

CloudGroup::CloudGroup(const Options& options, int64_t particles, int64_t dim)
    : options_(options), particles_(particles), dim_(dim) {
  if (dim < 1 || dim > 3) throw OptionError("", fmt::format("symmetries of clouds in 1, 2, 3 dimensions, got {}", dim));
  if (!options.species.empty() && static_cast<int64_t>(options.species.size()) != particles)
    throw OptionError("species",
                      fmt::format("one for each of {} particles expected, got {}", particles, options.species.size()));
}

CloudGroup::CloudGroup(const Options& options, const SpacePtr& space)
    : CloudGroup(options, as_point_cloud(*space, "group cloud").particles(),
                 as_point_cloud(*space, "group cloud").space_dim()) {
  if (!as_point_cloud(*space, "group cloud").varies()) return;
  varying_ = space;
  if (!options.species.empty()) throw OptionError("species", "must be left out where the number of particles varies");
  if (options.translations)
    throw OptionError("translations", "must be left out where the number of particles varies; means are zero anyway");
}

std::vector<CloudSlots> CloudGroup::slots(const Tensor& x) const {
  if (varying_ == nullptr) return std::vector<CloudSlots>(static_cast<std::size_t>(x.size(0)));
  return cloud_slots(as_point_cloud(*varying_, "group cloud").presence(x));
}

Tensor CloudGroup::prepared(const Tensor& x, const char* argument) const {
  if (x.dim() != 3 || x.size(1) != particles_ || x.size(2) != dim_)
    throw ContractError(
        fmt::format("{}: expected shape [n, {}, {}], got {}", argument, particles_, dim_, c10::str(x.sizes())));
  const Tensor points = x.detach().to(at::kCPU, at::kDouble);
  return (options_.translations ? points - points.mean(1, true) : points).contiguous();
}

std::string CloudGroup::describe() const {
  std::string text = fmt::format("symmetries of {} particles in R^{}:", particles_, dim_);
  if (options_.permutations) text += options_.species.empty() ? " permutations" : " permutations within species";
  if (options_.rotations != "none")
    text += fmt::format(" {}({})", options_.rotations == "orthogonal" ? "O" : "SO", dim_);
  return options_.translations ? text + " translations" : text;
}

Tensor CloudGroup::push(const GroupElements& g, const Tensor& v) const {
  Shape shape = v.sizes().vec();
  shape[0] = std::max(v.size(0), permutation(g).size(0));
  const Tensor index = permutation(g).unsqueeze(-1).expand(shape);
  return at::matmul(v.expand(shape).gather(-2, index), rotation(g).to(v.options()).transpose(-1, -2));
}

Tensor CloudGroup::act(const GroupElements& g, const Tensor& x) const {
  return push(g, x) + shift(g).to(x.options()).unsqueeze(-2);
}

GroupElements CloudGroup::inverse(const GroupElements& g) const {
  const Tensor back = rotation(g).transpose(-1, -2);
  return {back, inverse_permutations(permutation(g)), -at::matmul(back, shift(g).unsqueeze(-1)).squeeze(-1)};
}

GroupElements CloudGroup::random(int64_t n, Rng& rng, const at::TensorOptions& like) const {
  Tensor rotation = at::eye(dim_, at::kDouble).repeat({n, 1, 1});
  if (options_.rotations != "none") rotation = random_rotations(n, dim_, options_.rotations == "orthogonal", rng);
  Tensor permutation = at::arange(particles_, at::kLong).repeat({n, 1});
  if (options_.permutations) permutation = random_permutations(n, particles_, options_.species, rng);
  const Tensor shift = options_.translations ? rng.normal({n, dim_}, like) : at::zeros({n, dim_}, like);
  return {rotation.to(like), permutation, shift};
}

Alignment CloudGroup::align(const Tensor& x, const Tensor& y, const AlignmentOptions& options) const {
  const Tensor a = prepared(x, "align: x"), b = prepared(y, "align: y");
  const int64_t n = a.size(0), size = particles_ * dim_;
  if (b.size(0) != n) throw ContractError(fmt::format("align: as many x as y expected, got {} and {}", n, b.size(0)));
  Tensor rotation = at::empty({n, dim_, dim_}, at::kDouble), permutation = at::empty({n, particles_}, at::kLong),
         squared_distance = at::empty({n}, at::kDouble), shift = at::zeros({n, dim_}, at::kDouble);
  const std::vector<CloudSlots> in_x = slots(a), in_y = slots(b);
  with_dimension(dim_, [&](auto dimension) {
    constexpr int D = decltype(dimension)::value;
    at::parallel_for(0, n, kGrain, [&](int64_t begin, int64_t end) {
      SlotAligner<D> aligner(options_, particles_);
      for (int64_t i = begin; i < end; ++i) {
        const auto row = static_cast<std::size_t>(i);
        const PairAlignment<D>& best = aligner.align({a.data_ptr<double>() + i * size, in_x[row]},
                                                     {b.data_ptr<double>() + i * size, in_y[row]}, options);
        // Eigen's matrices are stored by columns.
        Eigen::Map<Eigen::Matrix<double, D, D>>(rotation.data_ptr<double>() + i * D * D) = best.rotation.transpose();
        std::copy(best.permutation.begin(), best.permutation.end(), permutation.data_ptr<int64_t>() + i * particles_);
        squared_distance.data_ptr<double>()[i] = best.squared_distance;
      }
    });
  });
  if (options_.translations) {
    const Tensor mean_x = x.to(at::kCPU, at::kDouble).mean(1), mean_y = y.to(at::kCPU, at::kDouble).mean(1, true);
    shift = mean_x - at::matmul(mean_y, rotation.transpose(1, 2)).squeeze(1);
  }
  return {{rotation, permutation, shift}, squared_distance};
}

Tensor CloudGroup::squared_orbit_distances(const Tensor& x, const Tensor& y, const AlignmentOptions& options) const {
  const Tensor a = prepared(x, "squared_orbit_distances: x"), b = prepared(y, "squared_orbit_distances: y");
  const int64_t n = a.size(0), m = b.size(0), size = particles_ * dim_;
  Tensor all = at::empty({n, m}, at::kDouble);
  const std::vector<CloudSlots> in_x = slots(a), in_y = slots(b);
  with_dimension(dim_, [&](auto dimension) {
    constexpr int D = decltype(dimension)::value;
    at::parallel_for(0, n * m, kGrain, [&](int64_t begin, int64_t end) {
      SlotAligner<D> aligner(options_, particles_);
      for (int64_t i = begin; i < end; ++i)
        all.data_ptr<double>()[i] =
            aligner
                .align({a.data_ptr<double>() + i / m * size, in_x[static_cast<std::size_t>(i / m)]},
                       {b.data_ptr<double>() + i % m * size, in_y[static_cast<std::size_t>(i % m)]}, options)
                .squared_distance;
    });
  });
  return all;
}

void add_cloud_group(Catalog& c) {
  c.groups.add<CloudGroup>("cloud", {"Permutations, rotations, reflections and translations of clouds of particles.",
                                     "Klein et al. 2023, arXiv 2306.15030"});
}

}  // namespace genmatch
