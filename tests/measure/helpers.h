#pragma once
// Flows with known densities on spaces of every kind, and what an Evaluation of them needs.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/measure/evaluation.h"
#include "core/process/factor.h"
#include "core/process/generator.h"

namespace genmatch {

/// Everything below core/ and manifolds/ that these tests build from.
const Catalog& measure_catalog();

/// A component from YAML, e.g. chosen<SpaceChoice>("{type: sphere, dim: 2}").
template <class ChoiceType>
ChoiceType chosen(const std::string& yaml) {
  struct Options {
    ChoiceType choice;
    void fields(Fields& f) { f("it", choice, "what is wanted"); }
  } options;
  Problems problems;
  const Node node = parse_yaml("it: " + yaml, "test", problems);
  read_fields(
      node, [&](Fields& f) { options.fields(f); }, measure_catalog(), problems);
  problems.throw_if_any();
  return options.choice;
}
SpacePtr make_space(const std::string& yaml);

/// A factor that carries only a space and its canonical source: all that evaluating a given generator needs.
Factor make_factor(const std::string& space);

/// drift(x) = x A^T on the first factor, zero on the others: the identity flow for A = 0. From N(0, I) the law at
/// t = 1 is N(0, e^A e^{A^T}).
class LinearFlow final : public Generator {
 public:
  explicit LinearFlow(Tensor matrix = {}) : matrix_(std::move(matrix)) {}
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override;

 private:
  Tensor matrix_;
};

class RecordingObserver final : public Observer {
 public:
  void stage(const std::string& name) override { stages.push_back(name); }
  void progress(double fraction) override { fractions.push_back(fraction); }
  void warning(const std::string& text) override { warnings.push_back(text); }
  bool stop_requested() override { return stop; }
  std::vector<std::string> stages, warnings;
  std::vector<double> fractions;
  bool stop = false;
};

/// An Evaluation with all that it refers to.
struct Bench {
  Factors factors;
  Splits splits;
  SamplingOptions options;
  RecordingObserver observer;
  uint64_t seed = 1;
  FigureContext context{"a test", "", {}};
  explicit Bench(const std::vector<std::string>& spaces, const std::string& stepper = "{type: rk4, steps: 20}");
  /// train, validation and test rows from the canonical laws.
  void fill(int64_t train, int64_t validation, int64_t test);
  Evaluation evaluation(GeneratorPtr generator, const at::TensorOptions& like);
};

}  // namespace genmatch
