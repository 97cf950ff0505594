#pragma once
#include <string>
#include <vector>

#include "tests/conformance/process_case.h"

namespace genmatch {

/// A schedule and the source that its path needs, as they are written.
struct Named {
  std::string schedule, source;
};

/// One of each kind of end: with and without noise at the data, with and without data in the noise.
inline const std::vector<Named> gaussian_schedules{
    {"cond_ot", "normal"},
    {"{type: cond_ot, sigma_min: 0.05}", "normal"},
    {"trigonometric", "normal"},
    {"linear_vp", "normal"},
    {"vp", "normal"},
    {"sub_vp", "normal"},
    {"power", "normal"},
    {"{type: ve, sigma_min: 0.05, sigma_max: 20}", "{type: normal, scale: 20}"}};

/// R^dim with a flow along the Gaussian path of the schedule that predicts as told.
inline Factor gaussian_factor(const Named& n, const std::string& predict, int64_t dim = 2) {
  return make_factor("{space: {type: euclidean, dim: " + std::to_string(dim) + "}, source: " + n.source +
                     ", path: {type: gaussian, schedule: " + n.schedule +
                     "}, generator: {type: flow, predict: " + predict + "}}");
}

}  // namespace genmatch
