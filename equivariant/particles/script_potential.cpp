#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/script.h>

#include <sstream>

#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/rng.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/particles/potential.h"

namespace genmatch {
namespace {

// What TorchScript says last; traces through files of its own come before.
std::string reason(const std::exception& error) {
  const auto* const known = dynamic_cast<const c10::Error*>(&error);
  std::istringstream text(known != nullptr ? known->what_without_backtrace() : error.what());
  std::string line, last;
  while (std::getline(text, line))
    if (line.find_first_not_of(" ~^<-HERE\t") != std::string::npos) last = line;
  return last;
}

class ScriptPotential final : public Potential {
 public:
  explicit ScriptPotential(const std::string& path) : path_(path) {
    const std::string bytes = read_bytes(path);
    hash_ = hash_hex(bytes);
    std::istringstream in(bytes);
    try {
      module_ = torch::jit::load(in, at::kCPU);
    } catch (const std::exception& error) {
      fail("is no TorchScript archive, as torch.jit.script(...).save(file) writes it: " + reason(error));
    }
    if (!module_.find_method("forward")) fail("has no method forward(x)");
    module_.eval();
    module_.to(at::kDouble);
    for (const Tensor& parameter : module_.parameters()) parameter.set_requires_grad(false);
  }

  Tensor energy(const Tensor& x) const override {
    Tensor e;
    try {
      e = run(x.to(at::kDouble));
    } catch (const std::exception& error) {
      fail(accepts(x.to(at::kFloat)) ? "computes in float32, but energies are needed in float64; make its constants "
                                       "tensors of x.dtype: " +
                                           reason(error)
                                     : "fails on x of shape " + c10::str(x.sizes()) + ": " + reason(error));
    }
    if (!e.defined()) fail("returns no tensor; energies [n] of x [n, particles, dim] are expected");
    if (e.dim() != 1 || e.size(0) != x.size(0))
      fail(fmt::format("expected energies of shape [{}] for x of shape {}, got {}", x.size(0), c10::str(x.sizes()),
                       c10::str(e.sizes())));
    if (e.scalar_type() != at::kDouble)
      fail(fmt::format("expected energies in float64, the dtype of x, got {}", c10::toString(e.scalar_type())));
    return e.to(x.options());
  }

  std::string describe() const override { return "torchscript " + hash_; }

  // Whatever can be seen at once, before chains of it have cost time.
  void check(int64_t particles, int64_t dim) const {
    constexpr int64_t kClouds = 6;
    const at::AutoGradMode enabled(true);
    Rng rng(0, "energy/script");
    const Tensor x = PointCloud::centred(2 * rng.normal({kClouds, particles, dim}, at::kDouble));
    const Tensor y = x.clone().requires_grad_(true), e = energy(y);
    if (e.isnan().any().item<bool>()) fail("gives NaN on random clouds");
    if (!e.requires_grad()) fail("has no gradient with respect to x: forces are taken of it by autograd");
    if (value(x).force.isnan().any().item<bool>()) fail("has a gradient that is NaN on random clouds");
    for (int64_t i = 0; i < kClouds; ++i) {
      const double alone = energy(x.narrow(0, i, 1)).item<double>(), together = e[i].item<double>();
      if (std::abs(alone - together) > 1e-8 * (1 + std::abs(together)))
        fail(fmt::format("gives a cloud the energy {} among others and {} alone: rows must not depend on each other",
                         together, alone));
    }
  }

 private:
  // Without the executor's optimisations: they would change the last bits from the second call on, and a run that is
  // resumed would not be the same.
  Tensor run(const Tensor& x) const {
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    const c10::IValue e = module_.forward({x});
    return e.isTensor() ? e.toTensor() : Tensor();
  }
  bool accepts(const Tensor& x) const {
    try {
      torch::jit::Module other = module_.deepcopy();
      other.to(x.scalar_type());
      other.forward({x});
      return true;
    } catch (const std::exception&) {
      return false;
    }
  }
  [[noreturn]] void fail(const std::string& what) const { throw DataError(path_ + ": " + what); }

  std::string path_, hash_;
  mutable torch::jit::Module module_;  // whose forward() is not const
};

}  // namespace

Potential::Value Potential::value(const Tensor& x) const {
  const at::AutoGradMode enabled(true);
  const Tensor y = x.detach().requires_grad_(true), e = energy(y);
  const Tensor gradient = torch::autograd::grad({e.sum()}, {y})[0];
  return {e.detach(), PointCloud::centred(-gradient)};
}

std::shared_ptr<const Potential> script_potential(const std::string& path, int64_t particles, int64_t dim) {
  auto potential = std::make_shared<ScriptPotential>(path);
  potential->check(particles, dim);
  return potential;
}

}  // namespace genmatch
