#include "discrete/symbol_path.h"

#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"
#include "core/process/factor.h"

namespace genmatch {

SymbolPath::SymbolPath(const SpacePtr& space, const char* who) : space_(space), alphabet_(&as_alphabet(*space, who)) {}

Tensor SymbolPath::velocity(const Tensor&, const Tensor&, const Tensor&, const Tensor&) const {
  throw ContractError("paths of symbols have no velocity, symbols jump; use generator ctmc");
}

Tensor SymbolPath::over_words(const Tensor& each) const {
  return each.flatten(-static_cast<int64_t>(alphabet_->event_shape().size())).sum(-1);
}

Tensor SymbolPath::rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const {
  return over_event(clock(t).to(log_posterior.options()), log_posterior) * relative_rates(xt, t, log_posterior);
}

const SymbolPath& symbol_path(const PathPtr& path, const Space& space, const std::string& factor, const char* who) {
  const auto* const symbols = dynamic_cast<const SymbolPath*>(path.get());
  if (symbols == nullptr)
    throw OptionError("", std::string(who) + " needs an alphabet and a path of symbols, as `path: mixture`; factor " +
                              factor + " (" + space.describe() + ") has another");
  return *symbols;
}

const SymbolPath& symbol_path(const Factor& factor, const char* who) {
  return symbol_path(factor.path, *factor.space, factor.name, who);
}

}  // namespace genmatch
