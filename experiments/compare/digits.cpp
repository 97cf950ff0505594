#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/compare/table_text.h"

namespace genmatch {

namespace {

// Power of ten of the first digit.
int magnitude(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)))); }

std::string with_minus_sign(const std::string& number) {
  const bool zero = number.find_first_of("123456789") == std::string::npos;
  std::string text;
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (number[i] != '-')
      text += number[i];
    else if (!zero)
      text += "\u2212";
  }
  return text;
}

}  // namespace

std::string Digits::operator()(double value) const {
  constexpr double longest = 1e7;
  const bool by_power = scientific || std::abs(value) >= longest;
  return with_minus_sign(by_power ? fmt::format("{:.2e}", value) : fmt::format("{:.{}f}", value, decimals));
}

Digits digits_for(const std::vector<Spread>& values) {
  constexpr double rounding = 1e-9, smallest = 1e-5;
  constexpr int most_decimals = 7;
  double sd = INFINITY, mean = 0;
  for (const Spread& v : values) {
    if (!std::isfinite(v.mean)) continue;
    mean = std::max(mean, std::abs(v.mean));
    if (v.sd > rounding * std::abs(v.mean)) sd = std::min(sd, v.sd);
  }
  if (mean > 0 && mean < smallest) return {0, true};
  if (std::isfinite(sd)) return {std::clamp(1 - magnitude(sd), 0, most_decimals), false};
  return {mean > 0 ? std::clamp(3 - magnitude(mean), 3, most_decimals) : 3, false};
}

Digits column_digits(const Comparison& comparison, const std::string& metric) {
  std::vector<Spread> values;
  for (const ComparisonRow& row : comparison.rows)
    if (const auto found = row.metrics.find(metric); found != row.metrics.end()) values.push_back(found->second);
  return digits_for(values);
}

}  // namespace genmatch
