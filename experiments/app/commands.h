#pragma once
// The program's commands. Each prints its result to standard output and returns an exit code.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/catalog.h"
#include "experiments/store/run_index.h"

namespace genmatch {

struct RunArguments {
  std::string file;  ///< an experiment file, or an unfinished run's folder with `resume`
  std::vector<std::string> overrides;
  std::string variant;  ///< name or slug; the file as it stands if empty
  std::optional<uint64_t> seed;
  std::string out;      ///< run folder; one of make_run_folder() if empty
  std::string trained;  ///< a finished run to take the trained weights from
  bool resume = false;
  std::optional<int> threads;
  std::string device = "cpu";
  bool json = false;
  bool report_progress = false;  ///< to descriptor 3, for `compare`
  std::string expected_key;      ///< refuse to run anything else
};
int run_command(const RunArguments& arguments, const Catalog& catalog);

struct CompareArguments {
  std::vector<std::string> files, overrides, only;
  std::string seeds;  ///< count or list; those of the files if empty
  std::optional<int> jobs, threads;
  std::string device = "cpu", runs = "runs", format = "terminal";
  std::vector<std::string> plot;  ///< two metrics to draw against each other; none if empty
  bool resume = false, dry_run = false;
};
int compare_command(const CompareArguments& arguments, const Catalog& catalog);

struct ValidateArguments {
  std::string file;
  std::vector<std::string> overrides;
  bool resolved = false;  ///< print the resolved file
  bool json = false;
};
int validate_command(const ValidateArguments& arguments, const Catalog& catalog);

struct DataArguments {
  std::string file;
  std::vector<std::string> overrides;
  std::string variant;           ///< as in RunArguments
  std::optional<uint64_t> seed;  ///< that of the file unless stated
  std::string output;            ///< .npz; nothing is written if empty
  std::optional<int> threads;
  bool json = false;
};
int data_command(const DataArguments& arguments, const Catalog& catalog);

int list_command(const std::string& kind, bool json, const Catalog& catalog);
int describe_command(const std::string& name, bool json, const Catalog& catalog);
int doctor_command(bool json);

struct SampleArguments {
  std::string run, output, log_density;
  int64_t n = 1000;
  std::optional<uint64_t> seed;
  std::vector<std::string> overrides;
};
int sample_command(const SampleArguments& arguments, const Catalog& catalog);

struct EvaluateArguments {
  std::string run;
  std::vector<std::string> overrides;
  bool json = false;
};
int evaluate_command(const EvaluateArguments& arguments, const Catalog& catalog);

struct DensityArguments {
  std::string run, file, output;
  std::vector<std::string> overrides;
};
int density_command(const DensityArguments& arguments, const Catalog& catalog);

struct RunsArguments {
  std::string root;  ///< "runs" if empty, which need not exist
  RunFilter filter;
  std::optional<std::size_t> limit;
  bool rebuild = false;
  bool json = false, csv = false;
};
int runs_command(const RunsArguments& arguments);
/// Runs are named as in find_run().
int show_command(const std::string& run, bool json, const Catalog& catalog);
int diff_command(const std::string& first, const std::string& second, bool json);

/// Cores that this process may use.
int available_cores();

/// Sets LibTorch's threads; all cores this process may use if not stated.
int use_threads(std::optional<int> threads);

}  // namespace genmatch
