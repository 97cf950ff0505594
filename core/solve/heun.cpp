#include "core/solve/runge_kutta.h"

namespace genmatch {
namespace {

class Heun final : public FixedRungeKutta {
 public:
  explicit Heun(const Options& options) : FixedRungeKutta({2, {{}, {1}}, {0.5, 0.5}, {0, 1}, {}, false}, options) {}
};

}  // namespace

void add_heun(Catalog& c) {
  c.steppers.add<Heun>("heun", {"Heun's method (explicit trapezoidal rule): order 2, two evaluations per step.",
                                "Hairer, Norsett & Wanner 1993, II.1"});
}

}  // namespace genmatch
