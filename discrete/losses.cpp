#include "core/learn/loss.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/factor.h"
#include "discrete/bounded_process.h"

namespace genmatch {
namespace {

/// What the losses share: factors on alphabets, and logits as [B, *coords, S].
class SymbolLoss : public MatchingLoss {
 public:
  SymbolLoss(const Factors& factors, const char* name) : name_(name) {
    for (const Factor& factor : factors)
      if (!factor.generators.empty()) symbol_path(factor, name);
  }
  Tensor at(const LossTerm& l) const final {
    const SymbolPath& path = symbol_path(l.factor, name_);
    const Tensor logits = l.generator.logits(l.xt, l.t, l.output);
    return of_words(path, l, logits) / static_cast<double>(l.factor.space->event_size());
  }

 protected:
  /// [B], of the whole word.
  virtual Tensor of_words(const SymbolPath& path, const LossTerm& l, const Tensor& logits) const = 0;

 private:
  const char* name_;
};

class CrossEntropy final : public SymbolLoss {
 public:
  using Options = NoOptions;
  CrossEntropy(const Options&, const Factors& factors) : SymbolLoss(factors, "loss cross_entropy") {}

 private:
  Tensor of_words(const SymbolPath& path, const LossTerm& l, const Tensor& logits) const override {
    return -log_posterior_of(path, l.xt, logits, l.x1).flatten(1).sum(1);
  }
};

class GeneralisedKl final : public SymbolLoss {
 public:
  using Options = BoundedProcess;
  GeneralisedKl(const Options& options, const Factors& factors)
      : SymbolLoss(factors, "loss generalised_kl"), process_(options) {
    for (const Factor& factor : factors)
      if (!factor.generators.empty()) process_.check(symbol_path(factor, "loss generalised_kl"));
  }

 private:
  Tensor of_words(const SymbolPath& path, const LossTerm& l, const Tensor& logits) const override {
    return process_.divergence_at(path, l.xt, l.t, l.x1, logits);
  }
  BoundedProcess process_;
};

class SquaredRates final : public SymbolLoss {
 public:
  using Options = NoOptions;
  SquaredRates(const Options&, const Factors& factors) : SymbolLoss(factors, "loss squared_rates") {}

 private:
  // The clock of both rates is left out: it would weight the last moments beyond all others.
  Tensor of_words(const SymbolPath& path, const LossTerm& l, const Tensor& logits) const override {
    const Tensor target = path.relative_rates(l.xt, l.t, log_certainty(path.alphabet(), l.x1, logits.options()));
    const Tensor predicted = path.relative_rates(l.xt, l.t, log_posterior(path, l.xt, logits));
    return (target - predicted).square().flatten(1).sum(1);
  }
};

}  // namespace

void add_symbol_losses(Catalog& c) {
  c.losses.add<CrossEntropy>(
      "cross_entropy",
      {"-ln p(x1 | x_t) per coordinate, of what the network thinks the data are; where masks hide them, "
       "if there are masks.",
       "Gat et al. 2024, arXiv 2407.15595"});
  c.losses.add<GeneralisedKl>("generalised_kl", {"Generalised KL divergence of the rates, per coordinate: its integral "
                                                 "over time bounds -ln p_1.",
                                                 "Shaul et al. 2024, arXiv 2412.03487"});
  c.losses.add<SquaredRates>("squared_rates",
                             {"Squared error of the rates, per coordinate, without the factor that they share in time.",
                              "Holderrieth et al. 2024, arXiv 2410.20587"});
}

}  // namespace genmatch
