#pragma once
// When two runs are the same.
#include <string>
#include <vector>

#include "core/config/node.h"

namespace genmatch {

/// Hashes (16 hexadecimal digits) that tell whether a run can stand for another.
struct RunKeys {
  std::string rows;      ///< of all that the rows of the splits can depend on
  std::string training;  ///< of all that decides the trained weights
  std::string run;       ///< of that, and of all that decides the numbers in result.json and the figures
};

/// `resolved` is a run's resolved file (the seed is in it), `data` its data's hash, `version` that of the program.
/// Neither key depends on `name`, `about`, `published`, `variants`, `grid` and `seeds`; `training` does not on
/// `metrics`, `baselines` and `figures` either, nor on `sampling`, but for how likelihoods are computed if training
/// selects its weights by them (`select: nll`).
/// `rows` depends neither on these nor on the model and the coupling.
RunKeys run_keys(const Node& resolved, const std::string& data, const std::string& version);

/// The options that the training key depends on and that two resolved files state differently: "model.width".
std::vector<std::string> training_differences(const Node& resolved, const Node& other);

}  // namespace genmatch
