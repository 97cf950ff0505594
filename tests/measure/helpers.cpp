#include "tests/measure/helpers.h"

#include "core/ops.h"
#include "core/process/source.h"
#include "core/process/space.h"

namespace genmatch {
namespace {

class CanonicalSource final : public Source {
 public:
  explicit CanonicalSource(SpacePtr space) : space_(std::move(space)) {}
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return space_->sample(n, rng, like);
  }
  Tensor log_density(const Tensor& x) const override { return space_->log_base_density(x); }

 private:
  SpacePtr space_;
};

}  // namespace

const Catalog& measure_catalog() {
  static const Catalog catalog = [] {
    Catalog c;
    add_process(c);
    add_solve(c);
    add_measure(c);
    add_manifolds(c);
    return c;
  }();
  return catalog;
}

SpacePtr make_space(const std::string& yaml) { return chosen<SpaceChoice>(yaml).make(); }

Factor make_factor(const std::string& space) {
  Factor factor;
  factor.name = "x";
  factor.space = make_space(space);
  factor.source = std::make_shared<CanonicalSource>(factor.space);
  return factor;
}

std::vector<Coefficients> LinearFlow::at(const State& x, const Tensor&) const {
  std::vector<Coefficients> all(x.size());
  // Times zero, so that autograd finds the drift depend on x.
  for (std::size_t f = 0; f < x.size(); ++f) all[f].drift = x[f] * 0;
  if (matrix_.defined()) all[0].drift = at::matmul(x[0], matrix_.to(x[0].options()).t());
  return all;
}

Bench::Bench(const std::vector<std::string>& spaces, const std::string& stepper) {
  for (const std::string& space : spaces) factors.push_back(make_factor(space));
  options.stepper = chosen<StepperChoice>(stepper);
  options.samples = 100;
  fill(0, 0, 0);
}

void Bench::fill(int64_t train, int64_t validation, int64_t test) {
  const auto rows = [&](int64_t n, const char* purpose) {
    Rng rng(seed, purpose);
    Table table;
    table.x = sample_source(factors, n, rng, at::TensorOptions(at::kDouble));
    return table;
  };
  splits.train = rows(train, "train");
  splits.validation = rows(validation, "validation");
  splits.test = rows(test, "test");
}

Evaluation Bench::evaluation(GeneratorPtr generator, const at::TensorOptions& like) {
  return Evaluation(factors, std::move(generator), splits, options, like, seed, observer, context);
}

}  // namespace genmatch
