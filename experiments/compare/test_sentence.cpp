#include <fmt/format.h>

#include <cmath>

#include "experiments/compare/table_text.h"

namespace genmatch {

namespace {

std::string over(int64_t seeds) { return fmt::format("over {} {}", seeds, seeds == 1 ? "seed" : "seeds"); }

// "by 0.120 ± 0.031 (…)".
std::string amount(const PairedTest& test, const Digits& column) {
  const Digits digits = test.sem > 0 ? digits_for({Spread{test.difference, test.sem, test.n, {}}}) : column;
  const std::string by = "by " + digits(std::abs(test.difference));
  if (test.n < 2) return by + " with the one seed in common; no test is possible";
  if (test.sem == 0) return fmt::format("{} with each of {} seeds", by, test.n);
  const std::string p = test.p < 0.001 ? "p < 0.001" : fmt::format("p = {:.2g}", test.p);
  return fmt::format("{} ± {} (standard error; paired t-test {}, {})", by, digits(test.sem), over(test.n), p);
}

}  // namespace

std::optional<std::string> test_sentence(const Comparison& c, const std::string& metric) {
  const auto leader = c.leaders.find(metric);
  if (leader == c.leaders.end() || !leader->second.next) return {};
  const auto& [best, next, test, higher] = leader->second;
  const std::string first = one_line(c.rows[best].label), second = one_line(c.rows[*next].label);
  const std::string about = one_line(metric) + ": ";
  if (test.n == 0)
    return about + fmt::format("{} leads {}, but they share no seed; no test is possible", first, second);
  if (test.difference == 0) return about + fmt::format("{} and {} have the same mean {}", first, second, over(test.n));
  const std::string by = amount(test, column_digits(c, metric));
  if ((test.difference < 0) == higher) return about + fmt::format("{} leads {} {}", first, second, by);
  return about + fmt::format("{} leads, but where they share seeds, {} is ahead of it {}", first, second, by);
}

}  // namespace genmatch
