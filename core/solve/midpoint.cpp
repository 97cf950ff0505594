#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

class Midpoint final : public FixedRungeKutta {
 public:
  explicit Midpoint(const Options& options) : FixedRungeKutta({2, {{}, {0.5}}, {0, 1}, {0, 0.5}, {}, false}, options) {}
};

}  // namespace

void add_midpoint(Catalog& c) {
  c.steppers.add<Midpoint>("midpoint", {"The explicit midpoint rule: order 2, two evaluations per step.",
                                        "Hairer, Norsett & Wanner 1993, II.1"});
}

}  // namespace genmatch
