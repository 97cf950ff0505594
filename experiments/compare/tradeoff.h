#pragma once
// Two metrics of a comparison against each other, as what samples cost against how good they are.
#include <string>
#include <vector>

#include "experiments/compare/comparison.h"

namespace genmatch {

/// The variants whose labels differ in one number alone, as "steps=10" and "steps=100" or "ode-10" and "ode-100".
struct TradeoffCurve {
  struct Point {
    double x, y, spread;  ///< spread of y over seeds; NaN for one seed
  };
  std::string label;          ///< what the labels share
  std::vector<Point> points;  ///< by rising x
};

/// The curves of a comparison, in the order of their first rows; baselines with a value of `y` alone come as curves of
/// a single point whose x is NaN. ConfigError if no row has both metrics.
std::vector<TradeoffCurve> tradeoff_curves(const Comparison& comparison, const std::string& x, const std::string& y);

/// Draws `<folder>/<y>-by-<x>.svg` and `.png` with the numbers beside them; baselines are horizontal lines. Axes whose
/// numbers are positive and span more than a factor of ten are logarithmic. Returns the paths of the pictures.
std::vector<std::string> draw_tradeoff(const std::vector<TradeoffCurve>& curves, const std::string& x,
                                       const std::string& y, const std::string& title, const std::string& folder);

}  // namespace genmatch
