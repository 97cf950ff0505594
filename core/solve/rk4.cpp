#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

class Rk4 final : public FixedRungeKutta {
 public:
  explicit Rk4(const Options& options)
      : FixedRungeKutta(
            {4, {{}, {0.5}, {0, 0.5}, {0, 0, 1}}, {1. / 6, 1. / 3, 1. / 3, 1. / 6}, {0, 0.5, 0.5, 1}, {}, false},
            options) {}
};

}  // namespace

void add_rk4(Catalog& c) {
  c.steppers.add<Rk4>("rk4", {"The classical Runge-Kutta method: order 4, four evaluations per step.",
                              "Hairer, Norsett & Wanner 1993, II.1"});
}

}  // namespace genmatch
