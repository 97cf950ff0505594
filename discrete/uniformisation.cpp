#include <algorithm>
#include <cmath>

#include "discrete/event_sampler.h"

namespace genmatch {
namespace {

/// In the clock -ln(1 - kappa) no coordinate jumps at more than the rate 1: candidates for a jump come at the rate of
/// the number of coordinates, and each draws from the posterior, its own symbol included.
class Uniformisation final : public EventSampler {
 public:
  struct Options : DrawOptions {
    double remainder = 1e-5;
    void fields(Fields& f) {
      f("remainder", remainder,
        "where 1 - kappa has fallen to this, all that may be left of the source is drawn at once", above(0) & below(1));
      DrawOptions::fields(f);
    }
  };
  Uniformisation(const Options& options, const SamplerContext& context)
      : EventSampler(options, context, "process uniformisation"), remainder_(options.remainder) {}

 private:
  bool next(Run& r, int64_t event) const override {
    std::vector<SymbolEvent> events;
    std::vector<int64_t> rows;
    const auto n = static_cast<double>(places());
    for (const int64_t row : r.rows) {
      const auto [u, v] = r.random.uniform(row, 0, event, when);
      double& left = r.left[static_cast<std::size_t>(row)];
      left *= std::pow(1 - u, 1 / n);
      if (left <= remainder_) continue;
      rows.push_back(row);
      const auto place = static_cast<int64_t>(v * n);
      if (free(r, row, place)) events.push_back({row, place, r.random.uniform(row, 0, event, which)[0]});
    }
    r.rows = rows;
    decide(r, events);
    return !rows.empty();
  }
  void finish(Run& r) const override {
    std::vector<SymbolEvent> events;
    constexpr int64_t at_the_end = 0xffffffff;  // no event has this number
    for (int64_t row = 0; row < r.words.size(0); ++row) {
      r.left[static_cast<std::size_t>(row)] = remainder_;
      for (int64_t place = 0; place < places(); ++place)
        if (free(r, row, place)) events.push_back({row, place, r.random.uniform(row, place, at_the_end, which)[0]});
    }
    decide(r, events);
  }
  double progress(const Run& r) const override {
    double least = 0;
    for (const int64_t row : r.rows) least = std::max(least, r.left[static_cast<std::size_t>(row)]);
    return least > 0 ? std::log(least) / std::log(remainder_) : 1;
  }
  double remainder_;
};

}  // namespace

void add_uniformisation(Catalog& c) {
  c.samplers.add<Uniformisation>(
      "uniformisation",
      {"One coordinate after another, at the events of a Poisson process: exact up to `remainder`, for any source.",
       "Chen & Ying 2024, arXiv 2402.08095"});
}

}  // namespace genmatch
