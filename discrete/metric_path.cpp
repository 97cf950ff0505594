#include <algorithm>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/numerics/broadcast.h"
#include "core/ops.h"
#include "discrete/posterior.h"
#include "discrete/symbol_source.h"

namespace genmatch {
namespace {

constexpr double kEnd = 1e-6;  // this near to 0 and 1 beta and its speed are no longer finite

/// p_t(x | x1) ~ exp(-beta(t) d(x, x1)) on symbols that lie somewhere, beta(t) = scale (t / (1 - t))^power: a cloud of
/// symbols that draws together around x1, moved by the rates of least kinetic energy,
/// u_t(y, x | x1) = p_t(y | x1) beta'(t) [d(x, x1) - d(y, x1)]_+ .
class MetricPath final : public SymbolPath {
 public:
  struct Options {
    std::string metric = "ordered";
    std::vector<double> embedding;
    double exponent = 2, scale = 3, power = 1;
    void fields(Fields& f) {
      f("metric", metric,
        "how far apart symbols are: ordered, |i - j|; cyclic, the same on a circle; or by their `embedding`",
        one_of({"ordered", "cyclic", "embedding"}));
      f("embedding", embedding, "the points where symbols lie: as many coordinates for each, symbol by symbol");
      f("exponent", exponent, "of the distance, whose greatest is one", above(0));
      f("scale", scale, "of beta(t) = scale (t / (1 - t))^power", above(0));
      f("power", power, "how late symbols draw together", above(0));
    }
  };
  MetricPath(const Options& options, const SpacePtr& space, const SourcePtr& source)
      : SymbolPath(space, "path metric"), scale_(options.scale), power_(options.power) {
    if (alphabet().has_mask()) throw OptionError("", "has no place for a mask; write `mask: false` in the space");
    const Tensor p0 = symbol_probabilities(*source, alphabet());
    if (!p0.defined() || (p0.max() - p0.min()).item<double>() > 1e-12)
      throw OptionError("", "begins at uniform symbols; write `source: uniform`");
    distance_ = distances(options);
  }

  // By quantiles, so that the path begins at x0: given x1, what is left of x0 is its place in the order of symbols.
  Tensor sample(const Tensor& x0, const Tensor& x1, const Tensor& t, Rng& rng) const override {
    const Tensor upto = log_law(x1, over_event(beta(t), x1)).exp().cumsum(-1);
    const Tensor u =
        (alphabet().indices(x0) + rng.uniform(x1.sizes(), upto.options())) / static_cast<double>(alphabet().symbols());
    const Tensor drawn = (upto <= u.unsqueeze(-1)).sum(-1).clamp_max(alphabet().symbols() - 1).to(x1.options());
    const Tensor when = over_event(t, x1);
    return at::where(when >= 1, x1, at::where(when <= 0, x0, drawn));
  }

  Tensor log_density(const Tensor& xt, const Tensor& t, const Tensor& x1) const override {
    const Tensor all = log_law(x1, unsqueeze_event(beta(t), alphabet()));
    Shape shape = at::infer_size(all.sizes().slice(0, all.dim() - 1), xt.sizes());
    const Tensor own = alphabet().indices(xt).expand(shape).unsqueeze(-1);
    shape.push_back(alphabet().symbols());
    return over_words(all.expand(shape).gather(-1, own).squeeze(-1)).to(xt.options());
  }

  Tensor log_evidence(const Tensor& xt, const Tensor& t, const at::TensorOptions& like) const override {
    const Tensor b = over_event(beta(t), xt).unsqueeze(-1), d = distances_to(xt, b.options());
    // Of p_t(x | s) for all s: the norm of each depends on s.
    return (-b * d - (-b.unsqueeze(-1) * distance_.to(b.options())).logsumexp(-1)).to(like);
  }

  Tensor clock(const Tensor& t) const override {
    const Tensor r = odds(t);
    return scale_ * power_ * r.pow(power_ - 1) * (1 + r).square();  // the speed of beta
  }

  Tensor relative_rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const override {
    return by_rows(xt, t, log_posterior, [](const Tensor& posterior, const Tensor& given) {
      return at::matmul(posterior.exp().unsqueeze(-2), given).squeeze(-2);
    });
  }

  Tensor divergence(const Tensor& xt, const Tensor& t, const Tensor& x1, const Tensor& logits) const override {
    const Tensor target = relative_rates(xt, t, log_certainty(alphabet(), x1, logits.options()));
    const Tensor log_predicted = log_relative_rates(xt, t, log_posterior(*this, xt, logits));
    const Tensor predicted = log_predicted.exp();
    const Tensor each = (predicted - target + at::xlogy(target, target) - target * log_predicted).sum(-1);
    return clock(t).to(each.options()) * over_words(each);
  }

 private:
  Tensor distances(const Options& o) const {
    const int64_t n = alphabet().symbols(), numbers = static_cast<int64_t>(o.embedding.size());
    if ((o.metric == "embedding") != (numbers > 0))
      throw OptionError("embedding", "belongs to `metric: embedding`, which needs it");
    if (numbers % n != 0) throw OptionError("embedding", "as many numbers for each of the symbols expected");
    Tensor d = (at::arange(n, at::kDouble).unsqueeze(1) - at::arange(n, at::kDouble)).abs();
    if (o.metric == "cyclic") d = at::minimum(d, static_cast<double>(n) - d);
    if (o.metric == "embedding") {
      const Tensor points = at::tensor(o.embedding, at::kDouble).reshape({n, -1});
      d = (points.unsqueeze(1) - points).square().sum(-1).sqrt();
      if (!((d + at::eye(n, at::kDouble)) > 0).all().item<bool>())
        throw OptionError("embedding", "two symbols lie at the same point, where the path cannot tell them apart");
    }
    if (n == 1) return d;
    return (d / d.max()).pow(o.exponent);
  }

  // In float64: near the data beta is large.
  static Tensor odds(const Tensor& t) {
    const Tensor inside = t.to(at::kDouble).clamp(kEnd, 1 - kEnd);
    return inside / (1 - inside);
  }
  Tensor beta(const Tensor& t) const { return scale_ * odds(t).pow(power_); }

  // d(x, s) for all symbols s: [..., S].
  Tensor distances_to(const Tensor& x, const at::TensorOptions& like) const {
    const Tensor i = alphabet().indices(x);
    Shape shape = i.sizes().vec();
    shape.push_back(alphabet().symbols());
    return distance_.to(like).index_select(0, i.reshape(-1)).reshape(shape);
  }

  // ln p_t(. | x1): [..., S] float64.
  Tensor log_law(const Tensor& x1, const Tensor& beta) const {
    return (-beta.unsqueeze(-1) * distances_to(x1, beta.options())).log_softmax(-1);
  }

  // Finite, and with a gradient where the posterior is too small for its dtype.
  Tensor log_relative_rates(const Tensor& xt, const Tensor& t, const Tensor& log_posterior) const {
    return by_rows(xt, t, log_posterior, [](const Tensor& posterior, const Tensor& given) {
      constexpr double none = -1e4;  // the logarithm of what is no rate
      const Tensor never = given.amax(-2) <= 0;
      const Tensor logs = (posterior.unsqueeze(-1) + given.log()).masked_fill(never.unsqueeze(-2), none);
      return logs.logsumexp(-2).masked_fill(never, none).clamp_min(none);
    });
  }

  // mean(posterior [b, L, S], rates given each data symbol [b, L, S, S]) for so many rows at once that they stay small.
  template <class Mean>
  Tensor by_rows(const Tensor& xt, const Tensor& t, const Tensor& log_posterior, const Mean& mean) const {
    const Tensor words = xt.flatten(1), posterior = log_posterior.flatten(1, -2);
    const int64_t rows = words.size(0), symbols = alphabet().symbols();
    constexpr int64_t at_once = 1 << 22;  // pairs of symbols
    const int64_t chunk = 1 + at_once / (1 + words.size(1) * symbols * symbols);
    std::vector<Tensor> parts{at::empty({0, words.size(1), symbols}, log_posterior.options())};
    for (int64_t first = 0; first < rows; first += chunk) {
      const int64_t count = std::min(chunk, rows - first);
      const Tensor given = rates_given(words.narrow(0, first, count), t.narrow(0, first, count));
      parts.push_back(mean(posterior.narrow(0, first, count), given.to(posterior.options())));
    }
    return at::cat(parts).reshape(log_posterior.sizes());
  }

  // p_t(y | s) [d(x, s) - d(y, s)]_+ : [b, L, s, y].
  Tensor rates_given(const Tensor& words, const Tensor& t) const {
    const Tensor d = distance_.to(t.device());
    const Tensor law = (-beta(t).view({-1, 1, 1}) * d).softmax(-1);  // p_t(y | s): [b, S, S]
    const Tensor nearer = (distances_to(words, d.options()).unsqueeze(-1) - d).relu_();
    return law.unsqueeze(1) * nearer;
  }

  double scale_, power_;
  Tensor distance_;  // [S, S] float64
};

}  // namespace

void add_metric_path(Catalog& c) {
  c.paths.add<MetricPath>(
      "metric",
      {"Symbols that lie somewhere, in an order, on a circle or in space: a cloud of them draws together around "
       "that of the data, with the least kinetic energy. A step costs the square of the number of symbols for "
       "each coordinate.",
       "Shaul et al. 2024, arXiv 2412.03487"});
}

}  // namespace genmatch
