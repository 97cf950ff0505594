#include "discrete/posterior.h"

#include <cmath>
#include <limits>

#include "core/numerics/broadcast.h"
#include "core/ops.h"
#include "core/process/path.h"

namespace genmatch {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor is_mask(const Alphabet& alphabet, const Tensor& x) { return x == alphabet.symbols(); }

// What of the last dimension S belongs to the symbols; 0 for masks.
Tensor at_symbols(const Alphabet& alphabet, const Tensor& values, const Tensor& symbols) {
  return values.gather(-1, alphabet.indices(symbols).clamp_max(alphabet.symbols() - 1).unsqueeze(-1)).squeeze(-1);
}

struct Terms {
  Tensor left, kappa;  // over the coordinates
  Tensor stay;         // p(x1^i = x_t^i | x_t) [B, *coords]
  Tensor source_here;  // p0(x_t^i)
  Tensor source;       // [V]
};

Terms terms(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior) {
  const Alphabet& alphabet = path.alphabet();
  const at::TensorOptions like = log_posterior.options();
  const Tensor p0 = path.source("rates").to(like), over = over_event(left.to(like), xt);
  const Tensor stay = at_symbols(alphabet, log_posterior, xt).exp().masked_fill(is_mask(alphabet, xt), 0);
  constexpr double least = 1e-5;  // of kappa: near the source, where coordinates are drawn anew ever faster
  return {over, (1 - over).clamp_min(least), stay, p0.take(alphabet.indices(xt)), p0};
}

// The rate at which the reversed noising draws a coordinate anew: [B, *coords].
Tensor renewal(const Terms& k) { return (1 - k.stay * k.kappa / (k.kappa + k.left * k.source_here)) / k.kappa; }

Tensor without_own(const Alphabet& alphabet, const Tensor& xt, const Tensor& rates) {
  return rates.scatter(-1, alphabet.indices(xt).unsqueeze(-1), 0);
}

Tensor with_mask(const Alphabet& alphabet, const Tensor& of_symbols, double value) {
  return at::constant_pad_nd(of_symbols, {0, alphabet.values() - alphabet.symbols()}, value);
}

Tensor over_words(const MixturePath& path, const Tensor& each) {
  return each.flatten(-static_cast<int64_t>(path.alphabet().event_shape().size())).sum(-1);
}

}  // namespace

Tensor log_certainty(const Alphabet& alphabet, const Tensor& x1, const at::TensorOptions& like) {
  const Tensor hit = at::eq(x1.unsqueeze(-1), at::arange(alphabet.symbols(), x1.options()));
  return at::zeros(hit.sizes(), like).masked_fill(hit.logical_not(), -infinity);
}

Tensor log_posterior(const MixturePath& path, const Tensor& xt, const Tensor& logits) {
  const Tensor log_p = logits.log_softmax(-1);
  if (!path.masked()) return log_p;
  const Alphabet& alphabet = path.alphabet();
  return at::where(is_mask(alphabet, xt).unsqueeze(-1), log_p, log_certainty(alphabet, xt, log_p.options()));
}

Tensor log_posterior_of(const MixturePath& path, const Tensor& xt, const Tensor& logits, const Tensor& symbols) {
  const Alphabet& alphabet = path.alphabet();
  Tensor log_p = at_symbols(alphabet, logits, symbols) - logits.logsumexp(-1);
  if (path.masked()) {
    const Tensor shown = at::zeros_like(log_p).masked_fill(xt != symbols, -infinity);
    log_p = at::where(is_mask(alphabet, xt), log_p, shown);
  }
  return log_p.masked_fill(is_mask(alphabet, symbols), -infinity);
}

Tensor log_evidence(const MixturePath& path, const Tensor& xt, const Tensor& t, const at::TensorOptions& like) {
  const Alphabet& alphabet = path.alphabet();
  Shape shape = xt.sizes().vec();
  shape.push_back(alphabet.symbols());
  if (path.masked()) return at::zeros(shape, like);
  constexpr double least = 1e-7;  // of 1 - kappa: float32 knows a time near 1 no better
  const Tensor kappa = over_event(path.schedule().value(t.to(at::kDouble)), xt);
  const Tensor p0 = path.source("evidence").to(kappa.options()).take(alphabet.indices(xt));
  const Tensor own = (kappa / ((1 - kappa).clamp_min(least) * p0.clamp_min(least))).log1p();
  const Tensor here = at::eq(xt.unsqueeze(-1), at::arange(alphabet.symbols(), xt.options()));
  return here.to(like) * own.to(like).unsqueeze(-1);
}

Tensor rates_at(const MixturePath& path, const Tensor& xt, const Tensor& t, const Tensor& log_posterior) {
  const Tensor left = clamp_remainder(1 - path.schedule().value(t));
  const Tensor speed = path.schedule().derivative(t).clamp_min(0);  // against rounding
  return over_event(speed, log_posterior) * forward_rates(path, xt, left, log_posterior);
}

Tensor forward_rates(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior) {
  const Alphabet& alphabet = path.alphabet();
  const Tensor over = over_event(left.to(log_posterior.options()), log_posterior);
  return without_own(alphabet, xt, with_mask(alphabet, log_posterior.exp() / over, 0));
}

Tensor backward_rates(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior) {
  const Terms k = terms(path, xt, left, log_posterior);
  // p(x0 = y | x_t) / kappa: only where x_t is that of the data may x0 be another, and then it is independent of it.
  const Tensor rate = k.stay / (k.kappa + k.left * k.source_here);
  return without_own(path.alphabet(), xt, rate.unsqueeze(-1) * k.source);
}

Tensor reversal_rates(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& log_posterior) {
  if (path.masked()) return forward_rates(path, xt, left, log_posterior);
  const Terms k = terms(path, xt, left, log_posterior);
  return forward_rates(path, xt, left, log_posterior) +
         without_own(path.alphabet(), xt, renewal(k).unsqueeze(-1) * k.source);
}

Tensor forward_divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                          const Tensor& logits) {
  const Tensor jumps = xt != x1;
  const Tensor stay = log_posterior_of(path, xt, logits, xt).exp();
  const Tensor surprise = -log_posterior_of(path, xt, logits, x1).masked_fill(jumps.logical_not(), 0);
  const Tensor each = surprise + jumps.logical_not().to(stay.options()) - stay;
  return over_words(path, each) / left.to(logits.options());
}

Tensor reversal_divergence(const MixturePath& path, const Tensor& xt, const Tensor& left, const Tensor& x1,
                           const Tensor& logits) {
  if (path.masked()) return forward_divergence(path, xt, left, x1, logits);
  const Alphabet& alphabet = path.alphabet();
  const Tensor log_p = logits.log_softmax(-1);
  const Tensor target = reversal_rates(path, xt, left, log_certainty(alphabet, x1, log_p.options()));
  const Terms k = terms(path, xt, left, log_p);
  // ln of the predicted rates, so that a symbol of small probability keeps its gradient.
  const Tensor log_renewed = (renewal(k).unsqueeze(-1) * k.source).clamp_min(1e-30).log();
  const Tensor log_forward = with_mask(alphabet, log_p, -1e30) - k.left.log().unsqueeze(-1);
  const Tensor log_predicted = at::logaddexp(log_renewed, log_forward);
  const Tensor excess = log_predicted.exp() - target + at::xlogy(target, target) - target * log_predicted;
  return over_words(path, without_own(alphabet, xt, excess).sum(-1));
}

}  // namespace genmatch
