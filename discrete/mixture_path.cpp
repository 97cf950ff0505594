#include "discrete/mixture_path.h"

#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"
#include "core/process/factor.h"
#include "discrete/symbol_source.h"

namespace genmatch {

void MixturePath::Options::fields(Fields& f) {
  f("schedule", schedule, "kappa: the probability that a coordinate is that of the data already");
}

MixturePath::MixturePath(const Options& options, const SpacePtr& space, const SourcePtr& source)
    : space_(space),
      alphabet_(&as_alphabet(*space, "path mixture")),
      schedule_(options.schedule.make()),
      source_(symbol_probabilities(*source, *alphabet_)) {
  masked_ = alphabet_->has_mask() && source_.defined() && source_[-1].item<double>() == 1;
}

Tensor MixturePath::sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng& rng) const {
  return sample_left(x0, x1, 1 - schedule_->value(t.to(at::kDouble)), rng);
}

Tensor MixturePath::sample_left(const Tensor& x0, const Tensor& x1, const Tensor& left, Rng& rng) const {
  return at::where(rng.uniform(x1.sizes(), left.options()) < over_event(left, x1), x0, x1);
}

Tensor MixturePath::velocity(const Tensor&, const Tensor&, const Tensor&, const Tensor&) const {
  throw ContractError("path mixture: symbols have no velocity, they jump; use generator ctmc");
}

Tensor MixturePath::log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const {
  const Tensor kappa = unsqueeze_event(schedule_->value(t), *alphabet_);
  const Tensor p0 = source("log_density").to(xt.options()).take(alphabet_->indices(xt));
  const Tensor each = (kappa * at::eq(xt, x1).to(xt.options()) + (1 - kappa) * p0).log();
  return each.flatten(-static_cast<int64_t>(alphabet_->event_shape().size())).sum(-1);
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

const MixturePath& mixture_path(const PathPtr& path, const Space& space, const std::string& factor, const char* who) {
  const auto* const mixture = dynamic_cast<const MixturePath*>(path.get());
  if (mixture == nullptr)
    throw OptionError("", std::string(who) + " needs `path: mixture` on an alphabet, and factor " + factor + " (" +
                              space.describe() + ") has another");
  return *mixture;
}

const MixturePath& mixture_path(const Factor& factor, const char* who) {
  return mixture_path(factor.path, *factor.space, factor.name, who);
}

void add_mixture_path(Catalog& c) {
  c.paths.add<MixturePath>(
      "mixture", {"Each coordinate of a word is that of the source until, at some time, it is that of the data.",
                  "Gat et al. 2024, arXiv 2407.15595; Campbell et al. 2024, arXiv 2402.04997"});
}

}  // namespace genmatch
