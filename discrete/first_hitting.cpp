#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "discrete/event_sampler.h"

namespace genmatch {
namespace {

/// With n masks left, the first of them goes when 1 - kappa has fallen by the factor u^(1/n).
class FirstHitting final : public EventSampler {
 public:
  using Options = DrawOptions;
  FirstHitting(const Options& options, const SamplerContext& context)
      : EventSampler(options, context, "process first_hitting") {
    if (!path().masked()) throw OptionError("", "needs `source: mask`; for other sources there is uniformisation");
  }

 private:
  bool next(Run& r, int64_t event) const override {
    std::vector<SymbolEvent> events;
    std::vector<int64_t> rows;
    for (const int64_t row : r.rows) {
      std::vector<int64_t> hidden;
      for (int64_t place = 0; place < places(); ++place)
        if (free(r, row, place)) hidden.push_back(place);
      if (hidden.empty()) continue;
      const auto n = static_cast<double>(hidden.size());
      const auto [u, v] = r.random.uniform(row, 0, event, when);
      r.left[static_cast<std::size_t>(row)] *= std::pow(1 - u, 1 / n);
      events.push_back({row, hidden[static_cast<std::size_t>(v * n)], r.random.uniform(row, 0, event, which)[0]});
      rows.push_back(row);
    }
    r.rows = rows;
    decide(r, events);
    return !events.empty();
  }
  double progress(const Run& r) const override {
    return 1 - static_cast<double>(std::count(r.free.begin(), r.free.end(), 1)) /
                   static_cast<double>(std::max<std::size_t>(1, r.free.size()));
  }
};

}  // namespace

void add_first_hitting(Catalog& c) {
  c.samplers.add<FirstHitting>("first_hitting",
                               {"One mask after another, at its own time: exact, with as many calls of "
                                "the network as there are coordinates.",
                                "Zheng et al. 2024, arXiv 2409.02908"});
}

}  // namespace genmatch
