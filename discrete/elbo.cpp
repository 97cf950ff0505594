#include <fmt/format.h>

#include <cmath>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/denoiser.h"
#include "core/process/source.h"
#include "core/solve/likelihood_method.h"
#include "core/solve/simulate.h"
#include "discrete/bounded_process.h"

namespace genmatch {
namespace {

struct ElboOptions : BoundedProcess {
  int64_t terms = 64;
  void fields(Fields& f) {
    f("terms", terms, "evaluations of the network per word, spread evenly over the times", at_least(1));
    BoundedProcess::fields(f);
  }
};

class Elbo final : public LikelihoodMethod {
 public:
  using Options = ElboOptions;
  Elbo(const Options& options, const LikelihoodContext& context)
      : terms_(options.terms), process_(options), factors_(moving(context.factors)) {
    for (const Factor& factor : factors_) {
      paths_.push_back(&mixture_path(factor, "likelihood elbo"));
      process_.check(*paths_.back());
    }
  }

  Likelihood log_density(const Generator& process, const State& x1, Rng& rng,
                         const StepCallback& callback) const override {
    const at::NoGradGuard no_grad;
    check(x1);
    const Denoiser& denoiser = as_denoiser(process, "likelihood elbo");
    const bool by_masks = paths_.size() == 1 && paths_[0]->masked();
    const int64_t rows = x1[0].size(0);
    std::vector<Tensor> each;
    for (int64_t term = 0; term < terms_; ++term) {
      // One from each of as many equal intervals as there are terms.
      const Tensor u = (rng.uniform({rows}, at::kDouble) + static_cast<double>(term)) / static_cast<double>(terms_);
      each.push_back((by_masks ? masked_term(denoiser, x1, u, rng) : term_at(denoiser, x1, u, rng)).to(at::kDouble));
      if (callback) callback(static_cast<double>(term + 1) / static_cast<double>(terms_), 0, {});
    }
    const Tensor all = at::stack(each, 1);
    Likelihood result;
    result.log_density = -all.mean(1);
    result.standard_error = all.std(1, /*unbiased=*/true) / std::sqrt(static_cast<double>(terms_));
    result.x = x1;
    result.solution.x = x1;
    result.solution.status = at::full({rows}, static_cast<int64_t>(Status::done), at::kLong);
    result.solution.steps = at::full({rows}, terms_, at::kLong);
    result.solution.evaluations = terms_;
    return result;
  }
  bool bound() const override { return true; }

 private:
  void check(const State& x1) const {
    for (std::size_t f = 0; f < paths_.size(); ++f)
      if (!(x1.at(f) < paths_[f]->alphabet().symbols()).all().item<bool>() ||
          !(paths_[f]->alphabet().violation(x1[f]) == 0).all().item<bool>())
        throw ContractError("likelihood elbo: words of " + paths_[f]->alphabet().describe() +
                            " expected, all symbols known");
  }

  static State with(const State& x1, const State& xt) {
    State all = x1;  // a condition stays
    std::copy(xt.begin(), xt.end(), all.begin());
    return all;
  }

  // One term of sum_k 1/k E_{|M| = k} sum_{i in M} -ln p(x1^i | the others), which knows no schedule (Ou et al. 2024,
  // arXiv 2406.03736): k is uniform over 1 ... D. Given k, the share of masks is distributed as the k-th smallest of D
  // uniform numbers; a network that is told the time sees it so as in the integral over time.
  Tensor masked_term(const Denoiser& denoiser, const State& x1, const Tensor& u, Rng& rng) const {
    const MixturePath& path = *paths_[0];
    const int64_t rows = u.size(0), places = path.alphabet().event_size();
    const Tensor k = (u * static_cast<double>(places)).floor().clamp_max(static_cast<double>(places - 1));  // from 0
    const Tensor rank = rng.uniform({rows, places}, at::kDouble).argsort(int64_t{1}).argsort(int64_t{1});
    const Tensor masks = (rank <= k.unsqueeze(1)).reshape(x1[0].sizes()).to(x1[0].device());
    const Tensor xt = x1[0].masked_fill(masks, static_cast<double>(path.alphabet().symbols()));
    const Tensor sorted = std::get<0>(rng.uniform({rows, places}, at::kDouble).sort(1));
    const Tensor left = sorted.gather(1, k.to(at::kLong).unsqueeze(1)).squeeze(1);
    const Tensor t = path.time_of(1 - left).to(x1[0].options());
    const Tensor logits = denoiser.logits(with(x1, {xt}), t)[0];
    const Tensor surprise = forward_divergence(path, xt, at::ones_like(t), x1[0], logits);
    return surprise.cpu() * static_cast<double>(places) / (k + 1);
  }

  // t = 1 - u^2: the integrand grows as 1 / (1 - kappa) where a coordinate is still the source's, so that times spread
  // evenly would give it no variance.
  Tensor term_at(const Denoiser& denoiser, const State& x1, const Tensor& u, Rng& rng) const {
    const Tensor t = 1 - u.square();
    State xt;
    std::vector<Tensor> left;
    for (std::size_t f = 0; f < paths_.size(); ++f) {
      left.push_back((1 - paths_[f]->schedule().value(t)).clamp_min(1e-12));
      const Tensor x0 = factors_[f].source->sample(u.size(0), rng, x1[f].options());
      xt.push_back(paths_[f]->sample_left(x0, x1[f], left.back(), rng));
    }
    const State x = with(x1, xt);
    const std::vector<Tensor> logits = denoiser.logits(x, t.to(x1[0].options()));
    Tensor sum = at::zeros_like(u);
    for (std::size_t f = 0; f < paths_.size(); ++f) {
      const Tensor rate = process_.divergence(*paths_[f], xt[f], left[f], x1[f], logits[f].to(at::kDouble));
      sum = sum + paths_[f]->schedule().derivative(t) * rate.cpu();
    }
    return 2 * u * sum;
  }

  int64_t terms_;
  BoundedProcess process_;
  Factors factors_;
  std::vector<const MixturePath*> paths_;
};

}  // namespace

void add_elbo(Catalog& c) {
  c.likelihoods.add<Elbo>(
      "elbo", {"An unbiased estimate of a lower bound of ln p_1 on alphabets: minus the integral of the generalised KL "
               "divergence between the rates towards the word and those of the process. For masks without a schedule.",
               "Campbell et al. 2022, arXiv 2205.14987; Shaul et al. 2024, arXiv 2412.03487"});
}

}  // namespace genmatch
