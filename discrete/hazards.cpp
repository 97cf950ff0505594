#include "discrete/hazards.h"

#include <cmath>

#include "core/ops.h"

namespace genmatch {
namespace {

constexpr double kSurely = 0x1p16;  // in units of thresholds, the largest number of 16 bits and one

// Between two times.
struct Step {
  double from, middle, to;  // kappa
  double length;            // of time
  double c;
};

// The integral of c / (kappa + (1 - kappa) p0) over kappa, and of eta kappa / (the same) over time.
double back_hazard(const Step& s, double eta, double p0) {
  const double share = s.middle + (1 - s.middle) * p0, own = share > 0 ? eta * s.length * s.middle / share : 0;
  if (s.c == 0) return own;
  if (p0 == 1) return own + s.c * (s.to - s.from);
  return own + s.c * std::log((s.to + (1 - s.to) * p0) / (s.from + (1 - s.from) * p0)) / (1 - p0);
}

double forward_hazard(const Step& s, double eta) {
  if (s.from >= 1) return 0;
  const double more = s.middle < 1 ? eta * s.length * s.middle / (1 - s.middle) : 0;
  return more + (1 + s.c) * std::log((1 - s.from) / (1 - s.to));  // infinite in the last step
}

}  // namespace

void Corrector::fields(Fields& f) {
  f("scale", scale, "c(t) = scale t^rise (1 - t)^fall; 0: no corrector", at_least(0));
  f("rise", rise, "power of t; at 1, with a linear schedule, symbols go back to masks at the constant rate `scale`",
    above(0));
  f("fall", fall, "power of 1 - t", at_least(0));
  f("eta", eta,
    "besides, c(t) = eta kappa / kappa': whatever the schedule, coordinates go back to the source at the rate eta, and "
    "as many forward (the stochasticity by detailed balance of Campbell et al.)",
    at_least(0));
}

double Corrector::at(double t) const { return scale * std::pow(t, rise) * std::pow(1 - t, fall); }

Hazards hazards(const MixturePath& path, const Corrector& corrector, double t, double next) {
  const double middle = (t + next) / 2;
  const Tensor kappa = path.schedule().value(at::tensor({t, middle, next}, at::kDouble));
  const double* const k = kappa.data_ptr<double>();
  const Step s{k[0], k[1], k[2], next - t, corrector.at(middle)};
  const bool corrects = corrector.on() && s.to < 1 && s.from > 0;
  const double eta = corrects ? corrector.eta : 0, forward = forward_hazard(s, eta);
  const double* const p0 = corrects ? path.source("process ctmc").data_ptr<double>() : nullptr;
  double back = 0, back_of = -1;  // most values have the probability of the one before
  Hazards h;
  for (int64_t v = 0; v < path.alphabet().values(); ++v) {
    const bool mask = v == path.alphabet().symbols(), shown = path.masked() && !mask;
    if (corrects && p0[v] != back_of) {
      back_of = p0[v];
      back = back_hazard(s, eta, back_of);
    }
    const double of_source = mask ? 0 : back, total = (shown ? 0 : forward) + of_source;
    h.threshold.push_back(-std::expm1(-total) * kSurely);
    h.back.push_back(of_source > 0 ? of_source / total : 0);
  }
  return h;
}

}  // namespace genmatch
