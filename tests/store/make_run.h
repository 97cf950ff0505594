#pragma once
// Runs without any training: folders as the program leaves them.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/learn/checkpoint.h"
#include "experiments/store/result.h"
#include "experiments/store/run_folder.h"

namespace genmatch {

struct RunSpec {
  std::string name = "tiny", variant = "";
  uint64_t seed = 0;
  std::string created = "2026-01-02T03:04:05Z";
  std::string key = "";
  std::string options = "model: {type: mlp, width: 8}\n";
  double nll = 0;
};

inline RunRecord record_of(const RunSpec& spec) {
  RunRecord record;
  record.name = spec.name;
  record.variant = spec.variant;
  record.seed = spec.seed;
  record.created = spec.created;
  record.key = spec.key;
  return record;
}

/// Writes what a finished run found, and says so.
inline void finish(RunFolder& folder, double nll) {
  Result result;
  result.name = folder.record().name;
  result.seed = folder.record().seed;
  result.metrics["nll"] = {nll, 0.5, 10};
  result.baselines["kde"]["nll"] = {nll + 1, 0.25, 10};
  write_file_atomically(folder.file("result.json"), to_json(result).dump(2) + "\n");
  folder.set_status("finished");
}

inline RunFolder begin_run(const std::string& path, const RunSpec& spec) {
  return RunFolder::create(path, spec.options, record_of(spec));
}

inline void finished_run(const std::string& path, const RunSpec& spec) {
  RunFolder folder = begin_run(path, spec);
  finish(folder, spec.nll);
}

}  // namespace genmatch
