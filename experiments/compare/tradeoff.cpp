#include "experiments/compare/tradeoff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/errors.h"
#include "core/measure/gnuplot.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// "mask, ctmc-16" -> "mask, ctmc": without its last number, and what joined it.
std::string without_number(const std::string& label) {
  const auto digit = [](char c) { return (c >= '0' && c <= '9') || c == '.'; };
  std::size_t end = label.size();
  while (end > 0 && !digit(label[end - 1])) --end;
  std::size_t begin = end;
  while (begin > 0 && digit(label[begin - 1])) --begin;
  if (begin == end) return label;
  std::size_t joined = begin;
  while (joined > 0 && (label[joined - 1] == '-' || label[joined - 1] == '=' || label[joined - 1] == ' ')) --joined;
  const std::string shared = label.substr(0, joined) + label.substr(end);
  return shared.empty() ? label : shared;
}

double value(const ComparisonRow& row, const std::string& metric) {
  const auto found = row.metrics.find(metric);
  return found == row.metrics.end() ? nan : found->second.mean;
}

bool logarithmic(const std::vector<double>& numbers) {
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  return !numbers.empty() && *low > 0 && *high > 10 * *low;
}

std::vector<double> axis(const std::vector<TradeoffCurve>& curves, double TradeoffCurve::Point::*of) {
  std::vector<double> all;
  for (const TradeoffCurve& curve : curves)
    for (const auto& point : curve.points)
      if (std::isfinite(point.*of)) all.push_back(point.*of);
  return all;
}

std::string plot_of(const Plot& plot, const TradeoffCurve& curve, std::size_t number) {
  std::vector<double> numbers;
  for (const auto& p : curve.points) numbers.insert(numbers.end(), {p.x, p.y, std::isnan(p.spread) ? 0 : p.spread});
  const std::string title = gnuplot_literal(curve.label), part = fmt::format("{}", number);
  const Tensor rows = at::tensor(numbers, at::kDouble).reshape({-1, 3});
  if (std::isnan(curve.points[0].x))
    return fmt::format("{:.17g} with lines dt 2 lw 1.5 lc rgb '#606060' title {} noenhanced", curve.points[0].y, title);
  return fmt::format("{0} using 1:2:3 with yerrorlines lw 1.8 pt 7 ps 0.6 lc {1} title {2} noenhanced",
                     plot.table(part, {"x", "y", "spread"}, rows), number, title);
}

}  // namespace

std::vector<TradeoffCurve> tradeoff_curves(const Comparison& comparison, const std::string& x, const std::string& y) {
  std::vector<TradeoffCurve> curves;
  bool any = false;
  for (const ComparisonRow& row : comparison.rows) {
    const bool variant = row.kind == ComparisonRow::Kind::variant;
    if (row.kind == ComparisonRow::Kind::published || !std::isfinite(value(row, y))) continue;
    if (variant && !std::isfinite(value(row, x))) continue;
    any = any || variant;
    const std::string label = variant ? without_number(row.label) : row.label;
    auto same = std::find_if(curves.begin(), curves.end(), [&](const TradeoffCurve& c) { return c.label == label; });
    if (same == curves.end()) same = curves.insert(curves.end(), {label, {}});
    same->points.push_back({variant ? value(row, x) : nan, value(row, y), row.metrics.at(y).sd});
  }
  if (!any) throw ConfigError(fmt::format("--plot: no finished variant has both {} and {}", x, y));
  for (TradeoffCurve& curve : curves)
    std::sort(curve.points.begin(), curve.points.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  return curves;
}

std::vector<std::string> draw_tradeoff(const std::vector<TradeoffCurve>& curves, const std::string& x,
                                       const std::string& y, const std::string& title, const std::string& folder) {
  Plot plot(folder, y + "-by-" + x, 760, 470);
  std::string axes;
  if (logarithmic(axis(curves, &TradeoffCurve::Point::x))) axes += "set logscale x\n";
  if (logarithmic(axis(curves, &TradeoffCurve::Point::y))) axes += "set logscale y\n";
  plot.add(
      fmt::format("set datafile separator ','\nset encoding utf8\nset title {} noenhanced\nset xlabel {} "
                  "noenhanced\nset ylabel {} noenhanced\n{}set grid lc rgb '#e0e0e0'\nset tics out nomirror\nset "
                  "key outside right top\nset offsets graph 0.03, graph 0.03, graph 0.05, graph 0.05",
                  gnuplot_literal(title), gnuplot_literal(x), gnuplot_literal(y), axes));
  std::string all;
  for (std::size_t i = 0; i < curves.size(); ++i) all += (i > 0 ? ", " : "plot ") + plot_of(plot, curves[i], i + 1);
  plot.add(all);
  return plot.draw();
}

}  // namespace genmatch
