#include <algorithm>
#include <cmath>

#include "core/learn/train.h"

namespace genmatch {

void RateOptions::fields(Fields& f) {
  f("type", type, "after the warm-up: constant, or half a cosine down to final", one_of({"constant", "cosine"}));
  f("warmup", warmup, "steps over which the rate rises linearly", at_least(0));
  f("final", final, "share of the rate that is left at the end (cosine)", between(0, 1));
}

void RoundOptions::fields(Fields& f) {
  f("count", count,
    "further trainings, each on pairs of the one before: reflow of flows, iterative Markovian fitting "
    "of diffusions",
    at_least(0));
  f("pairs", pairs, "how many pairs are made for each", at_least(1));
  f("direction", direction,
    "pairs are made from the source (forward), from the data (backward), or from the data and the source in turn "
    "(alternate)",
    one_of({"forward", "backward", "alternate"}));
  f("distill", distill, "one more round, for sampling with so many Euler steps; 0 = none", at_least(0));
}

void TrainingOptions::fields(Fields& f) {
  f("steps", steps, "updates of the weights", at_least(0));
  f("batch", batch, "rows per update", at_least(1));
  f("pool", pool, "batches that are coupled together: above 1, the coupling chooses among pool * batch pairs",
    at_least(1));
  f("repeats", repeats,
    "how many steps see a pair, each at another time: for couplings that take far longer than the steps do; the same "
    "steps then learn from fewer pairs, which costs more than it seems",
    at_least(1));
  f("optimizer", optimizer, "how the weights follow the gradient");
  f("schedule", schedule, "how the learning rate moves");
  f("clip", clip, "largest norm of the gradient; 0 = off", at_least(0));
  f("ema", ema, "decay of the averaged weights per step; 0 = off", at_least(0) & below(1));
  f("select", select, "which weights are kept: of the best validation NLL, of the best validation loss, or the last",
    one_of({"nll", "loss", "last"}));
  f("validate_every", validate_every, "steps between validations", at_least(1));
  f("loss", loss, "what is minimised");
  f("time", time, "how times are drawn; their density weights the loss");
  f("time_power", time_power, "t = 1 - (1 - u)^power of the times u drawn: above 1, more of them near the data",
    above(0));
  f("condition_dropout", condition_dropout,
    "share of the rows that do not see their condition, so that samples can be guided; 0.1 to 0.2 is usual",
    between(0, 1));
  f("rounds", rounds, "further trainings on pairs that the learned process makes");
  f("checkpoint_seconds", checkpoint_seconds, "at most this much work is lost to a kill; 0 = save each step",
    at_least(0));
}

double scheduled_rate(const RateOptions& options, double rate, int64_t step, int64_t steps) {
  constexpr double kPi = 3.14159265358979323846;
  if (step < options.warmup) return rate * static_cast<double>(step + 1) / static_cast<double>(options.warmup);
  if (options.type == "constant") return rate;
  const double length = static_cast<double>(std::max<int64_t>(steps - options.warmup, 1));
  const double done = std::min(static_cast<double>(step - options.warmup) / length, 1.0);
  return rate * (options.final + (1 - options.final) * 0.5 * (1 + std::cos(kPi * done)));
}

}  // namespace genmatch
