#include "core/learn/bregman.h"
#include "core/learn/loss.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/factor.h"

namespace genmatch {
namespace {

class BregmanLoss final : public MatchingLoss {
 public:
  using Options = NoOptions;
  BregmanLoss(const Options&, const Factors&) {}
  Tensor at(const LossTerm& l) const override {
    const Coefficients target = l.generator.given(l.xt, l.t, l.x0, l.x1);
    const Tensor loss = bregman(*l.factor.space, l.xt, target, l.generator.from_output(l.xt, l.t, l.output));
    const Tensor weight = l.generator.loss_weight(l.t);
    return weight.defined() ? weight * loss : loss;
  }
};

}  // namespace

void add_bregman_loss(Catalog& c) {
  c.losses.add<BregmanLoss>(
      "bregman", {"Bregman divergence between the coefficients of the process, whatever the network predicts: "
                  "for flows the squared error of the velocity per dimension (conditional flow matching).",
                  "Holderrieth et al. 2024, arXiv 2410.20587; Lipman et al. 2023, arXiv 2210.02747"});
}

}  // namespace genmatch
