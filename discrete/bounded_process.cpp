#include "discrete/bounded_process.h"

#include "core/errors.h"

namespace genmatch {

void BoundedProcess::fields(Fields& f) {
  f("process", process,
    "whose likelihood is bounded: `forward` jumps once per coordinate; `reversal` runs the noising backward, where the "
    "bound of the exact process is tight; for masks they are the same",
    one_of({"forward", "reversal"}));
}

void BoundedProcess::check(const MixturePath& path) const {
  if (process == "reversal" && !path.independent())
    throw OptionError("process", "`reversal` needs a source of independent symbols; write `process: forward`");
}

Tensor BoundedProcess::divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                                  const Tensor& logits) const {
  return (process == "forward" ? forward_divergence : reversal_divergence)(path, xt, left, x1, logits);
}

}  // namespace genmatch
