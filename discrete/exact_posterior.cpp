#include "discrete/exact_posterior.h"

#include "core/errors.h"
#include "core/ops.h"
#include "discrete/posterior.h"

namespace genmatch {

ExactPosterior::ExactPosterior(Factor factor, Tensor data, const Tensor& weights)
    : factor_(std::move(factor)), path_(symbol_path(factor_, "ExactPosterior")), data_(std::move(data)) {
  if (data_.dim() < 2 || data_.size(0) < 1 || data_.sizes().slice(1) != at::IntArrayRef(factor_.space->event_shape()))
    throw ContractError("ExactPosterior: at least one word of " + factor_.space->describe() + " expected");
  const Tensor w = weights.defined() ? weights.to(at::kDouble) : at::ones({data_.size(0)}, at::kDouble);
  log_prior_ = (w / w.sum()).log();
  const int64_t symbols = path_.alphabet().symbols();
  one_hot_ = at::one_hot(path_.alphabet().indices(data_), symbols).to(at::kDouble).flatten(1);
}

std::vector<Tensor> ExactPosterior::logits(const State& x, const Tensor& t) const {
  const Tensor words = x.at(0).to(at::kDouble);
  const Tensor log_p = path_.log_density(words.unsqueeze(1), t.to(at::kDouble).unsqueeze(1), data_.unsqueeze(0));
  // Far below whatever can be reached, so that it decides only where nothing is.
  constexpr double per_symbol = 1e4;
  const Tensor far = -per_symbol * path_.alphabet().distance(words.unsqueeze(1), data_.unsqueeze(0));
  const Tensor reached = log_p.isfinite().any(1, true);
  const Tensor log_w = at::where(reached, log_p, far) + log_prior_;
  Shape shape = x[0].sizes().vec();
  shape.push_back(path_.alphabet().symbols());
  return {log_w.softmax(1).matmul(one_hot_).reshape(shape).log().to(x[0].options())};
}

std::vector<Coefficients> ExactPosterior::at(const State& x, const Tensor& t) const {
  return {{{}, {}, path_.rates(x.at(0), t, log_posterior(path_, x[0], logits(x, t)[0])), {}}};
}

}  // namespace genmatch
