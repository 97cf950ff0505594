#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/learn/time_distribution.h"
#include "core/ops.h"
#include "core/process/factor.h"
#include "core/process/gaussian_flow.h"
#include "core/process/path.h"

namespace genmatch {
namespace {

class StratifiedTimes : public TimeDistribution {
 public:
  using Options = NoOptions;
  StratifiedTimes(const Options&, const Factors&) {}
  Tensor quantile(const Tensor& u) const override { return u; }
};

class UniformTimes final : public StratifiedTimes {
 public:
  using StratifiedTimes::StratifiedTimes;
  Tensor draw(int64_t rows, Rng& rng, const at::TensorOptions& like) const override {
    return rng.uniform({rows}, like);
  }
};

class LogitNormalTimes final : public TimeDistribution {
 public:
  struct Options {
    double mean = 0, scale = 1;
    void fields(Fields& f) {
      f("mean", mean, "of ln(t / (1 - t)); above 0, more times near the data");
      f("scale", scale, "its standard deviation", above(0));
    }
  };
  LogitNormalTimes(const Options& options, const Factors&) : options_(options) {}
  Tensor quantile(const Tensor& u) const override {
    return (options_.mean + options_.scale * at::special_ndtri(u)).sigmoid();
  }

 private:
  Options options_;
};

class LogSnrUniformTimes final : public TimeDistribution {
 public:
  struct Options {
    double from = -10, to = 10;
    void fields(Fields& f) {
      f("from", from, "smallest ln(alpha^2 / sigma^2), or that of the path at t = 0 if it is larger");
      f("to", to, "largest one, or that of the path at t = 1 if it is smaller");
    }
  };
  LogSnrUniformTimes(const Options& options, const Factors& factors) {
    gaussian_schedules(factors, "log_snr_uniform");
    path_ = factors.front().path;
    const Tensor ends = path_->gaussian()->log_snr(at::tensor({0.0, 1.0}, at::kDouble));
    from_ = std::max(options.from, ends[0].item<double>());
    to_ = std::min(options.to, ends[1].item<double>());
    if (!(from_ < to_))
      throw OptionError("to", fmt::format("must be above {:.4g}, where the range begins, got {:.4g}", from_, to_));
  }
  Tensor quantile(const Tensor& u) const override { return path_->gaussian()->time_of(from_ + (to_ - from_) * u); }

 private:
  PathPtr path_;
  double from_, to_;
};

class TabulatedTimes final : public TimeDistribution {
 public:
  struct Options {
    std::vector<double> weights{1};
    void fields(Fields& f) {
      f("weights", weights, "relative density of the times on so many equal intervals of [0, 1]", not_empty());
    }
  };
  TabulatedTimes(const Options& options, const Factors&) {
    const double total = std::accumulate(options.weights.begin(), options.weights.end(), 0.0);
    if (!std::all_of(options.weights.begin(), options.weights.end(), [](double w) { return w >= 0; }) ||
        !(total > 0 && std::isfinite(total)))
      throw OptionError("weights", "finite numbers that are not below 0 and not all 0 expected");
    share_ = at::tensor(options.weights, at::kDouble) / total;
    end_ = share_.cumsum(0);
  }
  Tensor quantile(const Tensor& u) const override {
    const int64_t n = share_.size(0);
    const Tensor i = at::searchsorted(end_, u.contiguous(), false, true).clamp_max(last_with_weight());
    const Tensor share = share_.take(i), within = (u - (end_.take(i) - share)) / share;
    return (i + within.clamp(0, 1)) / static_cast<double>(n);
  }

 private:
  int64_t last_with_weight() const { return share_.nonzero().max().item<int64_t>(); }
  Tensor share_, end_;  // probability of each interval, and of those up to its end
};

}  // namespace

void add_time_distributions(Catalog& c) {
  c.time_distributions.add<StratifiedTimes>(
      "stratified", {"Uniform over [0, 1), one time from each of as many equal intervals as a batch has rows.", ""});
  c.time_distributions.add<UniformTimes>("uniform", {"Uniform over [0, 1), all independent.", ""});
  c.time_distributions.add<LogitNormalTimes>(
      "logit_normal", {"Logistic function of a normal variable: more times in the middle.",
                       "Esser et al. 2024, arXiv 2403.03206, sec. 3.1 (their time runs the other way)"});
  c.time_distributions.add<LogSnrUniformTimes>(
      "log_snr_uniform", {"Uniform in the logarithm of the signal-to-noise ratio of a Gaussian path (of the first "
                          "factor, if there are several).",
                          "Kingma et al. 2021, arXiv 2107.00630"});
  c.time_distributions.add<TabulatedTimes>("tabulated", {"Density given on equal intervals of [0, 1].", ""});
}

}  // namespace genmatch
