#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/gaussian/gaussian_schedule.h"
#include "core/numerics/monotone_cubic.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Tabulated final : public GaussianSchedule {
 public:
  struct Options {
    std::vector<double> times{0, 1}, alpha{0, 1}, sigma{1, 0};
    void fields(Fields& f) {
      f("times", times, "where the values hold: from 0 to 1, rising");
      f("alpha", alpha, "share of the data at these times: never falling, 1 at the end");
      f("sigma", sigma, "noise at these times: above 0 but for the last, never rising");
    }
  };
  explicit Tabulated(const Options& o)
      : alpha_((check(o), MonotoneCubic(o.times, o.alpha))), sigma_(MonotoneCubic(o.times, o.sigma)) {}

  GaussianCoefficients at(const Tensor& t) const override {
    return {alpha_.value(t), sigma_.value(t), alpha_.derivative(t), sigma_.derivative(t)};
  }

 private:
  static void check(const Options& o) {
    const std::size_t n = o.times.size();
    if (n < 2 || o.times.front() != 0 || o.times.back() != 1)
      throw OptionError("times", "at least two expected, the first 0 and the last 1");
    if (o.alpha.size() != n) throw OptionError("alpha", "one value for each of the times expected");
    if (o.sigma.size() != n) throw OptionError("sigma", "one value for each of the times expected");
    if (o.alpha.front() < 0 || o.alpha.back() != 1) throw OptionError("alpha", "must begin at >= 0 and end at 1");
    if (o.sigma.back() < 0) throw OptionError("sigma", "must not be below 0");
    for (std::size_t i = 1; i < n; ++i) check_step(o, i);
  }
  static void check_step(const Options& o, std::size_t i) {
    const std::size_t before = i - 1;
    if (o.times[i] <= o.times[before]) throw OptionError("times", "must rise");
    if (o.alpha[i] < o.alpha[before]) throw OptionError("alpha", "must not fall");
    if (o.sigma[i] > o.sigma[before]) throw OptionError("sigma", "must not rise");
    if (o.alpha[i] == o.alpha[before] && o.sigma[i] == o.sigma[before])
      throw OptionError("times", "between two of them neither alpha nor sigma changes");
    if (o.sigma[before] <= 0) throw OptionError("sigma", "must be above 0 before t = 1");
  }

  MonotoneCubic alpha_, sigma_;
};

}  // namespace

void add_tabulated(Catalog& c) {
  c.gaussian_schedules.add<Tabulated>(
      "tabulated", {"alpha and sigma from tables, joined by monotone cubics.", "Fritsch & Carlson 1980"});
}

}  // namespace genmatch
