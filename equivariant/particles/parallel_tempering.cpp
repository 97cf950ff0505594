#include "equivariant/particles/parallel_tempering.h"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"

namespace genmatch {
namespace {

// States [T, C, N, D] of all temperatures and chains, with energies and forces at them.
class Ladder {
 public:
  Ladder(const Energy& energy, const TemperingOptions& options, Rng& rng)
      : energy_(energy), options_(options), rng_(rng) {
    const int64_t t = options.temperatures;
    const double top = -std::log(options.hottest);
    beta_ = at::exp(at::linspace(0, t > 1 ? top : 0, t, at::kDouble)).unsqueeze(1);  // [T, 1]
    log_step_ = at::full({t, 1}, std::log(0.05), at::kDouble);
    accepted_ = at::zeros({t}, at::kDouble);
    exchanged_ = at::zeros({t - 1}, at::kDouble);
    relax();
  }

  void step(bool adapt) {
    const Tensor share = hamiltonian();
    if (adapt) {
      // Robbins and Monro: the gain falls, so that the last values are averages.
      const double gain = 1 / std::pow(static_cast<double>(++adaptations_), 0.6);
      log_step_ += gain * (share.unsqueeze(1) - (options_.leapfrog > 1 ? 0.8 : 0.574));
      exchange();
      return;
    }
    ++steps_;
    accepted_ += share;
    exchanged_ += exchange();
  }

  Tensor x() const { return x_[0]; }
  const Tensor energy() const { return now_.energy[0]; }
  Tensor virial() const { return -(x_[0] * now_.force[0]).sum({-2, -1}); }
  Tensor acceptance() const { return accepted_ / static_cast<double>(steps_); }
  Tensor exchanges() const { return exchanged_ * (2.0 / static_cast<double>(steps_)); }

 private:
  static Tensor spread(const Tensor& scalars) { return scalars.unsqueeze(-1).unsqueeze(-1); }
  Tensor noise() { return PointCloud::centred(rng_.normal(x_.sizes(), at::kDouble)); }

  // Random clouds have particles that nearly coincide: short steps downhill take them apart.
  void relax() {
    constexpr double kFarthest = 0.05, kRate = 0.01;
    constexpr int64_t kSteps = 300;
    x_ = at::empty({options_.temperatures, options_.chains, energy_.particles(), energy_.dim()}, at::kDouble);
    x_ = 1.5 * noise();
    for (int64_t i = 0; i < kSteps; ++i)
      x_ = PointCloud::centred(x_ + (kRate * energy_.at(x_).force).nan_to_num(0).clamp(-kFarthest, kFarthest));
    now_ = energy_.at(x_);
  }

  // One trajectory for each; the share of proposals accepted, [T].
  Tensor hamiltonian() {
    const Tensor h = spread(log_step_.exp()), kick = h * spread(beta_);
    const Tensor p0 = noise();
    Tensor y = x_, p = p0 + 0.5 * kick * now_.force;
    Energy::Value at_y;
    for (int64_t i = 0; i < options_.leapfrog; ++i) {
      if (i > 0) p = p + kick * at_y.force;
      y = y + h * p;
      at_y = energy_.at(y);
    }
    p = p + 0.5 * kick * at_y.force;
    const Tensor log_ratio =
        beta_ * (now_.energy - at_y.energy) + 0.5 * (p0.square() - p.square()).sum({-2, -1});  // NaN is refused
    const Tensor chance = log_ratio.clamp_max(0).exp().nan_to_num(0);
    const Tensor yes = rng_.uniform(chance.sizes(), at::kDouble) < chance;
    x_ = at::where(spread(yes), y, x_);
    now_ = {at::where(yes, at_y.energy, now_.energy), at::where(spread(yes), at_y.force, now_.force)};
    return chance.mean(1);
  }

  // Temperatures 0 and 1, 2 and 3, … or 1 and 2, 3 and 4, … in turn; the shares that did, [T - 1].
  Tensor exchange() {
    const int64_t first = turn_++ % 2, t = options_.temperatures;
    const Tensor u = rng_.uniform({t, options_.chains}, at::kDouble).log();
    Tensor shares = at::zeros({t - 1}, at::kDouble);
    for (int64_t k = first; k + 1 < t; k += 2) {
      const Tensor gain = (beta_[k] - beta_[k + 1]) * (now_.energy[k] - now_.energy[k + 1]);
      const Tensor yes = u[k] < gain;
      shares[k] = yes.to(at::kDouble).mean();
      for (Tensor* all : {&x_, &now_.energy, &now_.force}) {
        const Tensor cold = (*all)[k].clone(), flags = all->dim() == 2 ? yes : spread(yes);
        (*all)[k].copy_(at::where(flags, (*all)[k + 1], cold));
        (*all)[k + 1].copy_(at::where(flags, cold, (*all)[k + 1]));
      }
    }
    return shares;
  }

  const Energy& energy_;
  const TemperingOptions& options_;
  Rng& rng_;
  Tensor beta_, log_step_, x_, accepted_, exchanged_;
  Energy::Value now_;
  int64_t steps_ = 0, adaptations_ = 0, turn_ = 0;
};

}  // namespace

void TemperingOptions::fields(Fields& f) {
  f("chains", chains, "independent chains", at_least(2));
  f("temperatures", temperatures, "of the ladder that each chain has", at_least(1));
  f("hottest", hottest, "the highest of them, that of the law being 1", at_least(1));
  f("leapfrog", leapfrog, "steps of a trajectory; 1 is MALA", at_least(1));
  f("burn_in", burn_in, "trajectories that are not kept, while step sizes are adapted", at_least(1));
  f("thinning", thinning, "trajectories from draw to draw", at_least(1));
}

ChainDraws parallel_tempering(const Energy& energy, const TemperingOptions& options, int64_t draws, Rng& rng) {
  const at::NoGradGuard no_grad;
  Ladder ladder(energy, options, rng);
  for (int64_t i = 0; i < options.burn_in; ++i) ladder.step(true);
  std::vector<Tensor> x, e, virial;
  for (int64_t i = 0; i < draws; ++i) {
    for (int64_t k = 0; k < options.thinning; ++k) ladder.step(false);
    x.push_back(PointCloud::centred(ladder.x()));
    e.push_back(ladder.energy().clone());
    virial.push_back(ladder.virial());
  }
  ChainDraws all{at::stack(x), at::stack(e), at::stack(virial), ladder.acceptance(), ladder.exchanges()};
  if (all.acceptance.min().item<double>() < 0.01)
    throw NumericalError(
        fmt::format("parallel_tempering: {}: a temperature accepts only {:.2g} of its proposals; give "
                    "it a longer burn_in, or a lower hottest",
                    energy.describe(), all.acceptance.min().item<double>()));
  return all;
}

}  // namespace genmatch
