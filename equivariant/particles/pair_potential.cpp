#include <ATen/Parallel.h>

#include "core/ops.h"
#include "equivariant/particles/pair_kernels.h"
#include "equivariant/particles/potential.h"

namespace genmatch {
namespace {

/// A sum over pairs of a function of their squared distance.
class PairPotential : public Potential {
 public:
  explicit PairPotential(PairKernels::Function kernel) : kernel_(kernel) {}

  Tensor energy(const Tensor& x) const final {
    const Tensor ends = at::triu_indices(x.size(1), x.size(1), 1, at::TensorOptions(at::kLong).device(x.device()));
    const Tensor delta = x.index_select(1, ends[0]) - x.index_select(1, ends[1]);
    return of_squares(delta.square().sum(-1)).sum(-1);
  }

  // By loops of its own, which are many times as fast as tensors of pairs.
  Value value(const Tensor& x) const final {
    if (x.size(2) > 3) return Potential::value(x);
    const Tensor clouds = x.detach().to(at::kCPU, at::kDouble).contiguous();
    const int64_t n = clouds.size(0), particles = clouds.size(1), dim = clouds.size(2), size = particles * dim;
    Value all{at::empty({n}, at::kDouble), at::empty_like(clouds)};
    const double* const from = clouds.data_ptr<double>();
    double* const energy = all.energy.data_ptr<double>();
    double* const force = all.force.data_ptr<double>();
    at::parallel_for(0, n, kGrain, [&](int64_t begin, int64_t end) {
      std::vector<double> scratch(static_cast<std::size_t>(PairKernels::scratch_size(particles, dim)));
      kernel_(from + begin * size, end - begin, particles, dim, energy + begin, force + begin * size, scratch.data());
    });
    return {all.energy.to(x.options()), all.force.to(x.options())};
  }

 private:
  static constexpr int64_t kGrain = 64;                  // clouds
  virtual Tensor of_squares(const Tensor& q) const = 0;  // phi(sqrt(q))
  PairKernels::Function kernel_;
};

class DoubleWell final : public PairPotential {
 public:
  DoubleWell() : PairPotential(best_pair_kernels().double_well) {}
  std::string describe() const override { return "double_well"; }

 private:
  Tensor of_squares(const Tensor& q) const override {
    const Tensor square = (q.sqrt() - 4).square();
    return square * (0.9 * square - 4);
  }
};

class LennardJones final : public PairPotential {
 public:
  LennardJones() : PairPotential(best_pair_kernels().lennard_jones) {}
  std::string describe() const override { return "lennard_jones"; }

 private:
  Tensor of_squares(const Tensor& q) const override {
    const Tensor inverse = q.reciprocal(), sixth = inverse * inverse * inverse;  // d^-6
    return sixth * (sixth - 2);
  }
};

class NoPotential final : public Potential {
 public:
  Tensor energy(const Tensor& x) const override { return at::zeros({x.size(0)}, x.options()); }
  Value value(const Tensor& x) const override { return {energy(x), at::zeros_like(x)}; }
  std::string describe() const override { return "none"; }
};

}  // namespace

std::shared_ptr<const Potential> pair_potential(const std::string& name) {
  if (name == "double_well") return std::make_shared<DoubleWell>();
  if (name == "lennard_jones") return std::make_shared<LennardJones>();
  return std::make_shared<NoPotential>();
}

}  // namespace genmatch
