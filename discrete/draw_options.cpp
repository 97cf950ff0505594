#include "discrete/draw_options.h"

#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "discrete/alphabet.h"

namespace genmatch {

void DrawOptions::fields(Fields& f) {
  f("temperature", temperature, "symbols are drawn from the posterior to the power 1 / temperature; 1: as learned",
    above(0));
  f("top_p", top_p, "only the most probable symbols, up to this probability in all, are drawn (1: every one)",
    above(0) & between(0, 1));
  KeepOptions::fields(f);
}

void KeepOptions::fields(Fields& f) {
  f("keep", keep, "one number for each coordinate: a symbol that is given (a prefix, or all but a gap), or -1");
}

void KeepOptions::check(const Factors& factors) const {
  if (keep.empty()) return;
  const Factors all = moving(factors);
  if (all.size() != 1) throw OptionError("keep", "needs an experiment with a single factor");
  const Alphabet& alphabet = as_alphabet(*all[0].space, "keep");
  if (static_cast<int64_t>(keep.size()) != alphabet.event_size())
    throw OptionError("keep", fmt::format("one number for each of {} coordinates expected, got {}",
                                          alphabet.event_size(), keep.size()));
  for (const double symbol : keep)
    if (symbol != std::round(symbol) || symbol < -1 || symbol >= static_cast<double>(alphabet.symbols()))
      throw OptionError("keep", fmt::format("symbols 0 ... {} or -1 expected, got {}", alphabet.symbols() - 1, symbol));
}

std::vector<char> KeepOptions::kept() const {
  std::vector<char> flags;
  for (const double symbol : keep) flags.push_back(symbol >= 0 ? 1 : 0);
  return flags;
}

State KeepOptions::with_kept(const State& x) const {
  if (keep.empty()) return x;
  State all = x;
  const Tensor given = at::tensor(keep, at::kDouble).to(x[0].options()).reshape(x[0].sizes().slice(1));
  all[0] = at::where(given >= 0, given, x[0]);
  return all;
}

}  // namespace genmatch
