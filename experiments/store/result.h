#pragma once
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/experiment.h"
#include "core/measure/evaluation.h"

namespace genmatch {

/// What a run found: result.json.
struct Result {
  std::string name;
  uint64_t seed = 0;
  std::map<std::string, Estimate> metrics;
  std::map<std::string, std::map<std::string, Estimate>> baselines;  ///< baseline -> metric -> value
  std::map<std::string, double> seconds;                             ///< stage -> wall seconds
  double peak_mb = 0;
  std::vector<Statistic> data;       ///< what is known of the data
  std::vector<std::string> figures;  ///< paths relative to the run folder
  std::vector<std::string> warnings;
};

nlohmann::json to_json(const Result& result);
/// [{"name": …, "value": …, "error": …, "expected": …}, …]; the last two where they are known.
nlohmann::json to_json(const std::vector<Statistic>& statistics);
/// The inverse, from a file: null is NaN. IoError naming the file if it cannot be read or holds no result.
Result read_result(const std::string& path);
/// The same from the file's text.
Result parse_result(const std::string& text, const std::string& path);

/// The table that ends a run: the model, the baselines, the published rows.
std::string result_table(const Result& result, const ExperimentOptions& options);

/// Largest resident set of this process so far, in MB.
double peak_memory_mb();

}  // namespace genmatch
