#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/data/dataset.h"
#include "core/measure/better.h"
#include "core/observer.h"
#include "core/process/factor.h"
#include "core/process/generator.h"
#include "core/solve/sampling_options.h"

namespace genmatch {

/// A measured number: the mean over n terms with its standard error.
struct Estimate {
  double mean = 0, sem = 0;
  int64_t n = 0;
};
/// Mean and standard error of the mean of a vector; sem is NaN for n < 2. Values of one `group` (int64 [n]; undefined:
/// each is its own) may depend on each other: then the error is the scatter of the groups' sums, and NaN for one group.
/// Liang & Zeger 1986, doi:10.1093/biomet/73.1.13.
Estimate estimate(const Tensor& values, const Tensor& group = {});

/// Where an evaluation belongs, for what is drawn of it and for files that it needs.
struct FigureContext {
  std::string title;                      ///< of the experiment
  std::string folder;                     ///< of the experiment file: relative file names are looked up here …
  std::vector<std::string> search;        ///< … and then in these
  std::shared_ptr<const Dataset> data{};  ///< where samples are held against what is known of their law; may be null
};

/// A trained process beside its data: what metrics and figures look at. Expensive things are computed when first
/// asked for, once. A conditional model's samples have conditions of training rows; its NLL is -ln p(x | c).
class Evaluation {
 public:
  Evaluation(const Factors& factors, GeneratorPtr generator, const Splits& splits, const SamplingOptions& options,
             const at::TensorOptions& like, uint64_t seed, Observer& observer, FigureContext context = {});

  const Factors& factors() const { return factors_; }
  /// Of the factors that move: where samples and data are compared.
  const Spaces& spaces() const { return spaces_; }
  /// What samples follow: the learned process under sampling.guidance.
  const Generator& generator() const { return *guided_; }
  /// The part of it that carries their law.
  const Generator& flow() const { return *flow_; }
  const Stepper& stepper() const { return *stepper_; }
  const LikelihoodMethod& likelihood() const { return *likelihood_; }
  const Splits& splits() const { return splits_; }
  const at::TensorOptions& like() const { return like_; }
  uint64_t seed() const { return seed_; }
  Observer& observer() const { return observer_; }
  const FigureContext& context() const { return context_; }

  /// ln p_1 at each row of x, or an estimate of its bound, [N] float64 on the CPU, in batches; `stage` is told to the
  /// observer. Rows that fail to solve are NaN, and the observer is warned. Interrupted if the observer asks to stop.
  /// For a conditional model x may lack the condition if training withheld it at times (else OptionError): then that is
  /// the law without it.
  Tensor log_density(const State& x, const std::string& stage) const;
  /// log_density of the test rows. Hutchinson's noise is independent between rows.
  const Tensor& test_log_density();
  bool test_was_measured() const { return test_log_density_.has_value(); }  ///< whether that has been asked for
  /// n = options.samples draws by options.process with their log-densities: float64 on the CPU, NaN where the solver
  /// failed. Densities are those of the ODE: from the same pass if that is the process, else solved for at the draws.
  const State& samples();
  /// n draws under other guidance, without densities; as samples() else.
  State samples(const Guidance& guidance, int64_t n, const std::string& stage) const;
  const Tensor& sample_log_density();
  /// How often the network is asked for a sample, as all rows of a batch ask together; their mean over samples.
  double sample_evaluations();
  /// Whether there are densities at all: not if the source has none. Then sample_log_density() is NaN.
  bool has_density() const;

 private:
  Tensor log_density(const Generator& process, const State& x, const std::string& stage) const;
  State with_condition(const State& x) const;
  bool samples_have_density() const;  // at once; bounds wait until they are asked for
  void draw();
  Likelihood draw_batch(int64_t count, Rng& rng, const StepCallback& callback) const;
  const Factors& factors_;
  const Spaces spaces_;
  GeneratorPtr process_, learned_, guided_, flow_;  // as given; what carries its law; both under guidance
  const Splits& splits_;
  const SamplingOptions& options_;
  std::shared_ptr<const Stepper> stepper_;
  std::shared_ptr<const Sampler> sampler_;
  std::shared_ptr<const LikelihoodMethod> likelihood_;
  at::TensorOptions like_;
  uint64_t seed_;
  Observer& observer_;
  FigureContext context_;
  std::optional<Tensor> test_log_density_, sample_log_density_;
  State samples_;
  double sample_evaluations_ = 0;
};

/// A number that tells how good a trained process is. better() says which way.
/// Laws (tests/conformance/metric_test.cpp): 1. the process that the test rows come from scores better than another, if
/// measures_fit(); 2. the standard error is the scatter over other test rows and samples of the same number; where the
/// process is right, it may be up to twice as large.
class Metric {
 public:
  virtual ~Metric() = default;
  /// Refuses (OptionError) spaces on which the metric means nothing: to be called before training.
  virtual void check(const Spaces&) const {}
  /// Refuses (OptionError) data of which it has to know more than is known: to be called before training, after the
  /// above.
  virtual void check_data(const Spaces&, const FigureContext&) const {}
  virtual Estimate value(Evaluation& evaluation) const = 0;
  /// What simple answers that need no training score by the same measure, by name; none by default.
  virtual std::map<std::string, Estimate> beside(Evaluation&) const { return {}; }
  virtual Better better() const { return Better::lower; }
  /// Whether it says how well the process fits the data, rather than what it costs to run or what its target is.
  virtual bool measures_fit() const { return better() != Better::neither; }
};

/// A density to stand beside the model's.
/// Laws (tests/conformance/baseline_test.cpp): 1. integrates to one; 2. never sees the test rows.
class Baseline {
 public:
  virtual ~Baseline() = default;
  /// Fits to splits.train (hyper-parameters on splits.validation) and returns ln p at each row of x: [N] float64.
  /// ContractError if it does not apply to the spaces.
  virtual Tensor log_density(const Spaces& spaces, const Splits& splits, const State& x) const = 0;
  /// Whether it makes sense on these spaces (the uniform density needs compact ones) and data.
  virtual bool applies(const Spaces& spaces, const Splits& splits) const = 0;
};

/// A picture of a trained process.
class Figure {
 public:
  virtual ~Figure() = default;
  /// Refuses (OptionError) factors that it cannot draw and files that are not there: to be called before training.
  virtual void check(const Factors& factors, const FigureContext& context) const = 0;
  /// Draws `<folder>/<name>.svg` and `.png`, with the numbers behind them and the script beside; returns the paths
  /// of the two pictures. IoError if gnuplot is missing or fails, OptionError as check().
  virtual std::vector<std::string> draw(Evaluation& evaluation, const std::string& folder) const = 0;
};

}  // namespace genmatch
