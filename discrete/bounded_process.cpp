#include "discrete/bounded_process.h"

#include "core/errors.h"

namespace genmatch {

void BoundedProcess::fields(Fields& f) {
  f("process", process,
    "whose likelihood is bounded: `forward` jumps once per coordinate; `reversal` runs the noising backward, where the "
    "bound of the exact process is tight; for masks they are the same, and paths that are no mixtures have one process",
    one_of({"forward", "reversal"}));
}

void BoundedProcess::check(const SymbolPath& path) const {
  const auto* const mixture = dynamic_cast<const MixturePath*>(&path);
  if (process == "reversal" && mixture != nullptr && !mixture->independent())
    throw OptionError("process", "`reversal` needs a source of independent symbols; write `process: forward`");
}

Tensor BoundedProcess::divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                                  const Tensor& logits) const {
  return (process == "forward" ? forward_divergence : reversal_divergence)(path, xt, left, x1, logits);
}

Tensor BoundedProcess::divergence_at(const SymbolPath& path, const Tensor& xt, const Tensor& t, const Tensor& x1,
                                     const Tensor& logits) const {
  const auto* const mixture = dynamic_cast<const MixturePath*>(&path);
  if (mixture == nullptr || process == "forward") return path.divergence(xt, t, x1, logits);
  const Tensor kappa = mixture->schedule().value(t), speed = mixture->schedule().derivative(t).clamp_min(0);
  return speed * reversal_divergence(*mixture, xt, clamp_remainder(1 - kappa), x1, logits);
}

}  // namespace genmatch
