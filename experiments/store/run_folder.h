#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace genmatch {

/// What a run records about itself besides its options (run.json).
struct RunRecord {
  std::string name;
  std::string variant;  ///< of the file's `variants` and `grid`; "" for the file as it stands
  uint64_t seed = 0;
  std::string created;            ///< UTC, "2026-01-02T03:04:05Z"
  std::string key, training_key;  ///< run_key.h
  std::string trained_in;         ///< the run that the weights are taken from, absolute; "" if they are trained here
  std::string file;               ///< the experiment file, absolute
  std::string data_folder;        ///< where relative data paths start, absolute
  std::string data_hash;
  std::string device = "cpu";
  int threads = 1;
  std::string status = "running";  ///< running | finished | interrupted | failed
};

/// The folder of one run: resolved.yaml, run.json, metrics.jsonl, checkpoints/, model.safetensors, result.json,
/// *.npy and figures/. While a process works on it, it holds a lock that ends with the process.
class RunFolder {
 public:
  /// Makes a new folder. IoError if it exists and is not empty, or cannot be made.
  static RunFolder create(const std::string& path, const std::string& resolved_yaml, const RunRecord& record);
  /// Opens an existing one. IoError if there is no run in it. `for_writing` takes the lock.
  static RunFolder open(const std::string& path, bool for_writing);
  /// The status that the record states, or "killed" where it says "running" and no process works on the run: a kill
  /// cannot change the record.
  static std::string status(const std::string& path, const RunRecord& record);

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  const RunRecord& record() const { return record_; }
  std::string resolved_yaml() const;
  /// Of the program, the library and the compiler that last wrote the record.
  std::map<std::string, std::string> versions() const;
  void set_status(const std::string& status);
  bool finished() const;

  RunFolder(RunFolder&&) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

 private:
  RunFolder(std::string path, RunRecord record) : path_(std::move(path)), record_(std::move(record)) {}
  void lock();
  void write_record() const;

  std::string path_;
  RunRecord record_;
  int lock_ = -1;
};

/// Makes an empty folder `<root>/<name>/<time>-<seed>`, or `<time>-<slug>-<seed>` for a variant, and returns its path;
/// a number is appended if another run has taken it, which may be in another process. IoError if it cannot be made.
std::string make_run_folder(const std::string& root, const std::string& name, const std::string& slug, uint64_t seed);

/// The newest run below runs/<name> that is not finished and has these options, seed, device; empty if none.
std::optional<std::string> find_unfinished_run(const std::string& name, const std::string& resolved_yaml,
                                               uint64_t seed);

/// The whole file as text; IoError naming it.
std::string read_text(const std::string& path);

}  // namespace genmatch
