#include "discrete/mixture_path.h"

#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"
#include "core/process/factor.h"
#include "discrete/posterior.h"
#include "discrete/symbol_source.h"

namespace genmatch {

void MixturePath::Options::fields(Fields& f) {
  f("schedule", schedule, "kappa: the probability that a coordinate is that of the data already");
}

MixturePath::MixturePath(const Options& options, const SpacePtr& space, const SourcePtr& source)
    : SymbolPath(space, "path mixture"),
      schedule_(options.schedule.make()),
      source_(symbol_probabilities(*source, alphabet())) {
  masked_ = alphabet().has_mask() && source_.defined() && source_[-1].item<double>() == 1;
}

Tensor MixturePath::sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng& rng) const {
  return sample_left(x0, x1, 1 - schedule_->value(t.to(at::kDouble)), rng);
}

Tensor MixturePath::sample_left(const Tensor& x0, const Tensor& x1, const Tensor& left, Rng& rng) const {
  return at::where(rng.uniform(x1.sizes(), left.options()) < over_event(left, x1), x0, x1);
}

Tensor MixturePath::log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const {
  const Tensor kappa = unsqueeze_event(schedule_->value(t), alphabet());
  const Tensor p0 = source("log_density").to(xt.options()).take(alphabet().indices(xt));
  const Tensor each = (kappa * at::eq(xt, x1).to(xt.options()) + (1 - kappa) * p0).log();
  return over_words(each);
}

Tensor MixturePath::log_evidence(const Tensor& xt, const Tensor& t, const at::TensorOptions& like) const {
  Shape shape = xt.sizes().vec();
  shape.push_back(alphabet().symbols());
  if (masked_) return at::zeros(shape, like);
  constexpr double least = 1e-7;  // of 1 - kappa: float32 knows a time near 1 no better
  const Tensor kappa = over_event(schedule_->value(t.to(at::kDouble)), xt);
  const Tensor p0 = source("evidence").to(kappa.options()).take(alphabet().indices(xt));
  const Tensor own = (kappa / ((1 - kappa).clamp_min(least) * p0.clamp_min(least))).log1p();
  const Tensor here = at::eq(xt.unsqueeze(-1), at::arange(alphabet().symbols(), xt.options()));
  return here.to(like) * own.to(like).unsqueeze(-1);
}

Tensor MixturePath::clock(const Tensor& t) const {
  const Tensor speed = schedule_->derivative(t).clamp_min(0);  // against rounding
  return speed / clamp_remainder(1 - schedule_->value(t));
}

Tensor MixturePath::relative_rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const {
  return forward_rates(*this, xt, at::ones_like(t), log_posterior);
}

Tensor MixturePath::divergence(const Tensor& xt, const Tensor& t, const Tensor& x1, const Tensor& logits) const {
  return clock(t) * forward_divergence(*this, xt, at::ones_like(t), x1, logits);
}

const Tensor& MixturePath::source(const char* who) const {
  if (!source_.defined())
    throw ContractError(std::string(who) +
                        ": a source of independent symbols that are alike expected (uniform, mask "
                        "or symbols), got another");
  return source_;
}

Tensor MixturePath::time_of(const Tensor& kappa) const {
  Tensor low = at::zeros_like(kappa), high = at::ones_like(kappa);
  constexpr int halvings = 53;  // of the bits of a float64
  for (int i = 0; i < halvings; ++i) {
    const Tensor middle = 0.5 * (low + high), below = schedule_->value(middle) < kappa;
    low = at::where(below, middle, low);
    high = at::where(below, high, middle);
  }
  return high;
}

const MixturePath& mixture_path(const Factor& factor, const char* who) {
  const auto* const mixture = dynamic_cast<const MixturePath*>(factor.path.get());
  if (mixture == nullptr)
    throw OptionError("", std::string(who) + " needs `path: mixture` on an alphabet, and factor " + factor.name + " (" +
                              factor.space->describe() + ") has another");
  return *mixture;
}

void add_mixture_path(Catalog& c) {
  c.paths.add<MixturePath>(
      "mixture", {"Each coordinate of a word is that of the source until, at some time, it is that of the data.",
                  "Gat et al. 2024, arXiv 2407.15595; Campbell et al. 2024, arXiv 2402.04997"});
}

}  // namespace genmatch
