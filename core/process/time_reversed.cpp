#include "core/process/time_reversed.h"

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

TimeReversed::TimeReversed(GeneratorPtr process) : process_(std::move(process)) {
  if (process_ == nullptr) throw ContractError("TimeReversed: a generator expected, got none");
  carrying_ = process_->carrying_part();
}

std::vector<Coefficients> TimeReversed::at(const State& x, const Tensor& s) const {
  const Tensor t = 1 - s;
  std::vector<Coefficients> all = process_->at(x, t);
  if (carrying_ == nullptr) {
    for (Coefficients& c : all) c = scale(c, -1);
    return all;
  }
  const std::vector<Coefficients> carried = carrying_->at(x, t);
  for (std::size_t f = 0; f < all.size(); ++f) all[f] = add(all[f], scale(carried[f], -2));
  return all;
}

}  // namespace genmatch
