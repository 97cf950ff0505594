#include "core/config/choice.h"
#include "core/errors.h"
#include "core/learn/loss.h"
#include "core/learn/loss_weighting.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/factor.h"
#include "core/process/manifold.h"
#include "core/process/path.h"

namespace genmatch {
namespace {

class OutputLoss final : public MatchingLoss {
 public:
  struct Options {
    LossWeightingChoice weighting{"uniform"};
    void fields(Fields& f) { f("weighting", weighting, "how much each time counts"); }
  };
  OutputLoss(const Options& options, const Factors& factors) : weighting_(options.weighting.make()) {
    for (const Factor& factor : factors)
      for (const WeightedGenerator& g : factor.generators)
        if (!g.generator->prediction())
          throw OptionError("", "compares what networks predict on Gaussian paths, and factor " + factor.name +
                                    " has none: use `path: gaussian`, or `loss: bregman`");
  }

  Tensor at(const LossTerm& l) const override {
    const GaussianSchedule& schedule = *l.factor.path->gaussian();
    const Prediction prediction = *l.generator.prediction();
    const GaussianCoefficients c = schedule.at(l.t);
    const Tensor eps = l.x0 / schedule.at(at::zeros({1}, l.t.options())).sigma;
    const Tensor target = conditional(prediction, c, l.x1, eps);
    const Tensor squared = (l.output - target.flatten(1)).square().sum(1);
    return weighting_->at(c, prediction) * squared / l.factor.space->manifold()->dim_at(l.x1);
  }

 private:
  std::shared_ptr<const LossWeighting> weighting_;
};

}  // namespace

void add_output_loss(Catalog& c) {
  c.losses.add<OutputLoss>(
      "output", {"Squared error, per dimension, of what the network puts out (`predict` of its flow) against "
                 "its conditional value, with a weight in time: noise prediction, denoising score matching "
                 "and their relatives. Gaussian paths only.",
                 "Kingma & Gao 2023, arXiv 2303.00848"});
}

}  // namespace genmatch
