#pragma once
// When two runs are the same.
#include <string>
#include <vector>

#include "core/config/node.h"
#include "core/experiment.h"

namespace genmatch {

/// Hashes (16 hexadecimal digits) that tell whether a run can stand for another.
struct RunKeys {
  std::string rows;      ///< of all that the rows of the splits can depend on
  std::string training;  ///< of all that decides the trained weights
  std::string run;       ///< of that, and of all that decides the numbers in result.json and the figures
};

/// `resolved` is a run's resolved file (the seed is in it), `data` its data's hash, `version` that of the program.
/// No key depends on `name`, `about`, `published`, `variants`, `grid` and `seeds`; `training` and `rows` do not on
/// `metrics`, `baselines`, `figures` and `sampling` either (but `training` does on how likelihoods are computed if it
/// selects the weights by them, `select: nll`), and `rows` does not on `model` and `coupling`.
RunKeys run_keys(const Node& resolved, const std::string& data, const std::string& version);
/// Those of a run with these options.
RunKeys run_keys(ExperimentOptions options, const Catalog& catalog, const std::string& data,
                 const std::string& version);

/// The options that the training key depends on and that two resolved files state differently: "model.width".
std::vector<std::string> training_differences(const Node& resolved, const Node& other);

}  // namespace genmatch
