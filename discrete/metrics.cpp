#include <cmath>

#include "core/errors.h"
#include "core/measure/evaluation.h"
#include "core/ops.h"
#include "discrete/alphabet.h"

namespace genmatch {
namespace {

class WordMetric : public Metric {
 public:
  explicit WordMetric(const char* name) : name_(name) {}
  void check(const Spaces& spaces) const final {
    for (const SpacePtr& space : spaces) as_alphabet(*space, name_);
  }

 protected:
  // -ln p_1 of the test words, or its bound; the scatter of the words holds that of the estimates.
  Tensor negative_log_density(Evaluation& evaluation) const {
    if (evaluation.splits().test.rows() == 0)
      throw DataError(std::string(name_) + ": there are no test rows; give data.split.test a share");
    return -evaluation.test_log_density();
  }

 private:
  const char* name_;
};

class ElboMetric final : public WordMetric {
 public:
  using Options = NoOptions;
  explicit ElboMetric(const Options&) : WordMetric("metric elbo") {}
  Estimate value(Evaluation& evaluation) const override {
    if (!evaluation.likelihood().bound())
      throw DataError("elbo: the likelihood is exact; measure nll, or write `sampling: {likelihood: elbo}`");
    return estimate(negative_log_density(evaluation), evaluation.splits().test.group);
  }
};

class BitsPerDim final : public WordMetric {
 public:
  using Options = NoOptions;
  explicit BitsPerDim(const Options&) : WordMetric("metric bits_per_dim") {}
  Estimate value(Evaluation& evaluation) const override {
    int64_t coordinates = 0;
    for (const SpacePtr& space : evaluation.spaces()) coordinates += space->event_size();
    return estimate(negative_log_density(evaluation) / (static_cast<double>(coordinates) * std::log(2)),
                    evaluation.splits().test.group);
  }
};

}  // namespace

void add_word_metrics(Catalog& c) {
  c.metrics.add<ElboMetric>("elbo", {"minus the evidence lower bound of the test words, in nats: their nll is at most "
                                     "that in the mean",
                                     "Campbell et al. 2022, arXiv 2205.14987"});
  c.metrics.add<BitsPerDim>(
      "bits_per_dim",
      {"-log2 p_1 of the test words per coordinate; with sampling.likelihood elbo its upper bound", ""});
}

}  // namespace genmatch
