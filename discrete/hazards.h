#pragma once
#include <vector>

#include "core/config/fields.h"
#include "discrete/mixture_path.h"

namespace genmatch {

/// How much of a path's process runs forward and backward besides: the law stays that of the path, and symbols that
/// were drawn too early are drawn anew. On masked paths this is remasking (Wang et al. 2025, arXiv 2503.00307).
struct Corrector {
  double scale = 0, rise = 1, fall = 0;
  double eta = 0;
  void fields(Fields& f);
  bool on() const { return scale > 0 || eta > 0; }
  double at(double t) const;  ///< c(t), in rates forward + c (forward + backward)
};

/// What may happen to a coordinate in a step, by its value.
struct Hazards {
  std::vector<double> threshold;  ///< the probability of an event, times 2^16
  std::vector<double> back;       ///< the share of it that goes back to the source
};

/// In the step from `t` to `next` along a mixture path: of the forward process exactly, of the corrector with its rates
/// in the middle of the step. With a corrector the path's source must be known.
Hazards hazards(const MixturePath& path, const Corrector& corrector, double t, double next);

}  // namespace genmatch
