#pragma once
// Explicit Runge–Kutta methods on products of manifolds, whatever their tableau.
#include <string>
#include <vector>

#include "core/solve/stepper.h"

namespace genmatch {

/// How a tangent leads from the start of a step to a point. Both keep the order that the tableau has on R^d.
enum class Geometry {
  /// Solves the ODE in normal coordinates at the step's start x: y' = dlog_x(v(exp_x y)). Stages must stay within
  /// the injectivity radius.
  exp,
  /// Solves X' = v(project(X)) in the coordinates and projects the result: a smooth ODE around an embedded manifold
  /// whose solutions stay on it (Hairer, Lubich & Wanner 2006, IV.4).
  retraction
};
Geometry geometry_named(const std::string& name);
/// States the option `geometry: exp | retraction`.
void geometry_field(Fields& f, std::string& geometry);

/// An explicit Butcher tableau. Row i of `a` holds the i weights of stage i (the first row is empty).
struct Tableau {
  int order = 0;
  std::vector<std::vector<double>> a;
  std::vector<double> b, c;
  std::vector<double> error;        ///< b minus the weights of the embedded method; empty if there is none
  bool first_same_as_last = false;  ///< the last row of `a` is b: the last stage is the next step's first
};

/// The coefficients at (x, t), checked: one per factor, drifts of the points' shape. ContractError otherwise.
std::vector<Coefficients> coefficients_at(const Generator& generator, const State& x, const Tensor& t);

/// The drift per factor at (x, t), an undefined one standing for zero. ContractError if a factor has a variance or
/// rates, which methods for ordinary differential equations would ignore.
State drifts_at(const Generator& generator, const State& x, const Tensor& t);

/// One step from (x, t) over dt, all [B]; `slope` as in Stepper::step.
struct RungeKuttaStep {
  State x;
  State slope;  ///< drift at the end if the tableau is FSAL, else empty
  State error;  ///< dt sum_i error_i k_i at the start (to rounding and higher order, tangent); undefined where no drift
};
RungeKuttaStep runge_kutta(const Tableau& tableau, Geometry geometry, const Generator& generator, const Spaces& spaces,
                           const State& x, const Tensor& t, const Tensor& dt, const State& slope);

/// A method with steps of equal length. Leaves derive from it and name their tableau.
class FixedRungeKutta : public Stepper {
 public:
  struct Options {
    int64_t steps = 100;
    std::string geometry = "exp";
    void fields(Fields& f);
  };
  FixedRungeKutta(Tableau tableau, const Options& options);
  Step step(const Generator& generator, const Spaces& spaces, const State& x, const Tensor& t, const Tensor& dt,
            const State& slope, Rng& rng) const override;
  int order() const override { return tableau_.order; }
  int64_t steps() const override { return steps_; }

 private:
  Tableau tableau_;
  int64_t steps_;
  Geometry geometry_;
};

}  // namespace genmatch
