#pragma once
#include <string>

#include "core/config/fields.h"
#include "discrete/posterior.h"

namespace genmatch {

/// Whose likelihood a bound is of, or a loss that is one.
struct BoundedProcess {
  std::string process = "reversal";
  void fields(Fields& f);
  /// OptionError "process" for paths that it has no rates for.
  void check(const SymbolPath& path) const;
  /// forward_divergence or reversal_divergence: [B], per unit of kappa.
  Tensor divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                    const Tensor& logits) const;
  /// Per unit of time; of paths that are no mixtures, that of their own rates.
  Tensor divergence_at(const SymbolPath& path, const Tensor& xt, const Tensor& t, const Tensor& x1,
                       const Tensor& logits) const;
};

}  // namespace genmatch
