#pragma once
// Processes with known answers: what solvers and likelihoods are tested against.
#include <cmath>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "core/ops.h"
#include "core/process/canonical_source.h"
#include "core/process/factor.h"
#include "core/process/generator.h"
#include "core/process/manifold.h"
#include "tests/chosen.h"

namespace genmatch {

/// A flow whose drift is a function of (x, t), one tensor per factor; undefined where there is none.
class Field final : public Generator {
 public:
  using Function = std::function<State(const State& x, const Tensor& t)>;
  explicit Field(Function drift) : drift_(std::move(drift)) {}
  std::vector<Coefficients> at(const State& x, const Tensor& t) const override {
    std::vector<Coefficients> all;
    for (Tensor& drift : drift_(x, t)) all.push_back({std::move(drift), {}, {}, {}});
    return all;
  }

 private:
  Function drift_;
};

struct Problem {
  std::string name;
  Factors factors;
  GeneratorPtr generator;
  std::function<State(const State& x0, double t)> flow = {};  ///< x(t) from x(0), where known in closed form
  std::function<Tensor(const State& x)> log_density = {};     ///< ln p_1 [B], where known in closed form

  Spaces spaces() const { return genmatch::spaces(factors); }
};

inline SpacePtr make_space(const std::string& type, int64_t dim) {
  return chosen<SpaceChoice>("{type: " + type + ", dim: " + std::to_string(dim) + "}").make();
}

/// A factor with its space's canonical source.
inline Factor make_factor(const std::string& type, int64_t dim) {
  const SpacePtr space = make_space(type, dim);
  return {type, space, std::make_shared<CanonicalSource>(space), nullptr, {}};
}

inline Problem make_problem(std::string name, Factors factors, Field::Function drift) {
  return {std::move(name), std::move(factors), std::make_shared<Field>(std::move(drift))};
}

inline Tensor matrix(std::initializer_list<double> values, const Tensor& like) {
  const auto n = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(values.size()))));
  return at::tensor(at::ArrayRef<double>(values), at::kDouble).view({n, n}).to(like.options());
}
inline Tensor vector(std::initializer_list<double> values, const Tensor& like) {
  return at::tensor(at::ArrayRef<double>(values), at::kDouble).to(like.options());
}

}  // namespace genmatch
