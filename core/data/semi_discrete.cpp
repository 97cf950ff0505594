#include <algorithm>
#include <cmath>

#include "core/data/exchange.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/pairs.h"
#include "core/process/space.h"
#include "core/process/state.h"
#include "core/transport/plan.h"

namespace genmatch {
namespace {

struct SemiDiscreteOptions : CouplingCostOptions {
  double epsilon = 0, rate = 0.1;
  int64_t steps = 2000, batch = 512;
  void fields(Fields& f) {
    CouplingCostOptions::fields(f);
    f("epsilon", epsilon, "weight of the entropy in units of the mean cost; 0 = none: each x0 has its one row",
      at_least(0));
    f("steps", steps, "of the ascent that finds the rows' potentials before the training begins", at_least(1));
    f("batch", batch, "draws of the source in each of them", at_least(1));
    f("rate", rate, "by which a potential changes in the first of them, in units of the mean cost; less and less then",
      above(0));
  }
};

/// The rows of one condition, with their potentials.
struct Cells {
  State rows;         // float64 on the CPU
  Tensor indices;     // in the training rows
  Tensor potentials;  // [N], float64
  double epsilon = 0;
};

class Fitted final : public Coupling {
 public:
  Fitted(const SemiDiscreteOptions& options, const CouplingCost& cost, const SourceDraw& source, State rows, Rng& rng)
      : options_(options), cost_(cost), rows_(std::move(rows)) {
    const int64_t n = rows_[0].size(0);
    Tensor of_row = at::zeros({n}, at::kLong);
    if (cost_.conditional())
      std::tie(conditions_, of_row, std::ignore) = at::unique_dim(flat_conditions(rows_), 0, true, true);
    for (int64_t k = 0; k <= of_row.max().item<int64_t>(); ++k) {
      const Tensor own = (of_row == k).nonzero().squeeze(1);
      cells_.push_back(fit({points(rows_of(rows_, own)), own, at::zeros({own.size(0)}, at::kDouble)}, source, rng));
    }
  }

  /// Rows of the training that go with x0, for the conditions of x1.
  Pair couple(Pair independent, Rng& rng) const override {
    const at::NoGradGuard no_grad;
    const Tensor chosen = at::empty({independent.x0[0].size(0)}, at::kLong);
    const Tensor of_pair = cells_of(independent.x1);
    for (std::size_t k = 0; k < cells_.size(); ++k) {
      const Tensor own = (of_pair == static_cast<int64_t>(k)).nonzero().squeeze(1);
      if (own.numel() == 0) continue;
      const Tensor scores = this->scores(cells_[k], points(rows_of(independent.x0, own)));
      const Tensor best = options_.epsilon == 0 ? scores.argmax(1) : draw_columns(shares(cells_[k], scores), rng);
      chosen.index_copy_(0, own, cells_[k].indices.index_select(0, best));
    }
    return {std::move(independent.x0), rows_of(rows_, chosen)};
  }
  Marginals marginals() const override { return Marginals::data; }

 private:
  static Tensor flat_conditions(const State& x) { return x.back().flatten(1).to(at::kCPU); }
  static State points(State x) {
    for (Tensor& factor : x) factor = factor.detach().to(at::kCPU, at::kDouble);
    return x;
  }
  Tensor cells_of(const State& x1) const {
    if (!cost_.conditional()) return at::zeros({x1[0].size(0)}, at::kLong);
    const Tensor same = (flat_conditions(x1).unsqueeze(1) == conditions_.unsqueeze(0)).all(2);
    if (!same.any(1).all().item<bool>())
      throw ContractError("semi_discrete: a condition is none of those of the training rows");
    return same.to(at::kLong).argmax(1);
  }

  // g_j - c(x0, x1_j): [B, N]
  Tensor scores(const Cells& cells, const State& x0) const {
    return cells.potentials - cost_.of_points(x0, cells.rows);
  }
  static Tensor shares(const Cells& cells, const Tensor& scores) { return (scores / cells.epsilon).softmax(1); }

  // Stochastic ascent on the concave E_x0 min_j (c(x0, x1_j) - g_j) + mean_j g_j, whose gradient in g_j is 1 / N -
  // P(row j is chosen): at its maximum, each row has its share of the source. Steps are those of Adam and get shorter
  // by equal factors: with the plain steps of Genevay et al. rows in dense places get several times their share or
  // none.
  Cells fit(Cells cells, const SourceDraw& source, Rng& rng) const {
    constexpr double kLast = 1e-4, kAveraged = 0.1;  // length of the last step; share of the steps in the average
    constexpr double kMean = 0.9, kSquare = 0.99;    // Adam's decays
    const int64_t n = cells.indices.size(0);
    if (n == 1) return cells;
    Tensor& g = cells.potentials;
    const double mean_cost = -scores(cells, points(source(options_.batch, rng))).mean().item<double>();
    cells.epsilon = options_.epsilon * mean_cost;
    const Tensor mean = at::zeros_like(g), square = at::zeros_like(g), average = at::zeros_like(g);
    const auto steps = static_cast<double>(options_.steps);
    double averaged = 0;
    for (double step = 1; step <= steps; ++step) {
      const Tensor gradient = 1 / static_cast<double>(n) - chosen_shares(cells, points(source(options_.batch, rng)));
      mean.lerp_(gradient, 1 - kMean);
      square.lerp_(gradient.square(), 1 - kSquare);
      const Tensor scale = (square / (1 - std::pow(kSquare, step))).sqrt_() * (1 - std::pow(kMean, step)) + 1e-12;
      g.add_(mean / scale, options_.rate * mean_cost * std::pow(kLast, step / steps));
      if (step > (1 - kAveraged) * steps) average.add_((g - average) / ++averaged);
    }
    g = average;
    return cells;
  }
  // Of the source, estimated from x0: [N].
  Tensor chosen_shares(const Cells& cells, const State& x0) const {
    const Tensor scores = this->scores(cells, x0);
    if (options_.epsilon > 0) return shares(cells, scores).mean(0);
    return at::bincount(scores.argmax(1), {}, scores.size(1)).to(at::kDouble) / scores.size(0);
  }

  SemiDiscreteOptions options_;
  CouplingCost cost_;
  State rows_;
  Tensor conditions_;  // [conditions, event], those of cells_
  std::vector<Cells> cells_;
};

/// Before it is fitted: the optimal transport of the batch.
class SemiDiscrete final : public Exchange {
 public:
  using Options = SemiDiscreteOptions;
  SemiDiscrete(const Options& options, const Spaces& spaces) : Exchange(options, spaces), options_(options) {
    if (options.condition_weight)
      throw OptionError("condition_weight", "is not supported: rows are chosen among those of the same condition");
    for (const SpacePtr& space : spaces)
      if (space->falls_apart())
        throw OptionError("", "x0 is drawn before its row is chosen, and cannot lie in its component of " +
                                  space->describe() + "; use optimal_transport");
  }
  std::shared_ptr<const Coupling> fitted(const SourceDraw& source, const State& rows, Rng& rng) const override {
    return std::make_shared<Fitted>(options_, cost(), source, rows, rng);
  }

 protected:
  Chosen choose(const Tensor& cost, double, Rng&) const override { return cheapest(cost); }

 private:
  Options options_;
};

}  // namespace

void add_semi_discrete(Catalog& c) {
  c.couplings.add<SemiDiscrete>(
      "semi_discrete",
      {"Each source point goes to the training row whose cell it lies in, of all rows and not those of a batch: the "
       "optimal transport between the source and the rows, each of which has the same share of it, by potentials that "
       "are fitted before the training begins. Within the batch on validation rows and through data of several times.",
       "Genevay et al. 2016, arXiv 1605.08527; Kingma & Ba 2015, arXiv 1412.6980"});
}

}  // namespace genmatch
