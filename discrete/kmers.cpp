#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/measure/jackknife.h"
#include "core/measure/two_samples.h"
#include "core/ops.h"
#include "discrete/alphabet.h"
#include "discrete/runs.h"

namespace genmatch {
namespace {

struct KmerOptions {
  int64_t k = 3;
  void fields(Fields& f) { f("k", k, "length of the runs that are counted", between(1, 12)); }
};

/// Half the sum of the differences of the shares of all runs of k symbols. Words are independent, runs in one are not:
/// the standard error is a jackknife over groups of words. Two finite sets of one law differ too.
class Kmers final : public Metric {
 public:
  using Options = KmerOptions;
  explicit Kmers(const Options& options) : k_(options.k) {}

  void check(const Spaces& spaces) const override {
    if (spaces.size() != 1) throw OptionError("", "compares words of one factor");
    const Alphabet& alphabet = as_alphabet(*spaces[0], "metric kmers");
    if (alphabet.event_shape().size() != 1 || alphabet.event_size() < k_)
      throw OptionError("k", "words of at least k symbols in a row expected");
    if (std::pow(static_cast<double>(alphabet.values()), static_cast<double>(k_)) > 1 << 24)
      throw OptionError("k", "there are more than 2^24 runs of so many symbols");
  }

  Estimate value(Evaluation& evaluation) const override {
    check(evaluation.spaces());
    const Alphabet& alphabet = as_alphabet(*evaluation.spaces()[0], "metric kmers");
    const TwoSamples s = two_samples(evaluation, evaluation.splits().test.rows(), "kmers");
    const Groups model = counts(alphabet, s.model[0]), data = counts(alphabet, s.data[0]);
    const double all = distance(model.total, data.total);
    Tensor without = at::empty({groups}, at::kDouble);
    for (int64_t g = 0; g < groups; ++g) without[g] = distance(model.total - model.part[g], data.total - data.part[g]);
    return {all, jackknife_error(without), s.n};
  }

 private:
  static constexpr int64_t groups = 20;
  struct Groups {
    Tensor part, total;  // [groups, runs], [runs]
  };
  Groups counts(const Alphabet& alphabet, const Tensor& x) const {
    const int64_t runs = run_count(alphabet.values(), k_);
    const Tensor numbers = runs_of(alphabet.indices(x), alphabet.values(), k_);
    Groups g{at::zeros({groups, runs}, at::kDouble), {}};
    const std::vector<Tensor> parts = numbers.tensor_split(groups);
    for (int64_t i = 0; i < groups; ++i) g.part[i].copy_(parts[i].flatten().bincount({}, runs));
    g.total = g.part.sum(0);
    return g;
  }
  static double distance(const Tensor& a, const Tensor& b) {
    return 0.5 * (a / a.sum() - b / b.sum()).abs().sum().item<double>();
  }
  int64_t k_;
};

}  // namespace

void add_kmers(Catalog& c) {
  c.metrics.add<Kmers>("kmers", {"total variation between the shares of runs of k symbols in samples and test words; "
                                 "finite sets of one law are at some distance too",
                                 ""});
}

}  // namespace genmatch
