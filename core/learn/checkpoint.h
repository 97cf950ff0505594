#pragma once
#include <map>
#include <optional>
#include <string>

#include "core/tensor.h"

namespace genmatch {

/// Named tensors with text metadata, in the safetensors format (readable from Python), plus a checksum over header
/// and data, kept as the metadata "checksum" of the file.
struct Checkpoint {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// Writes to a temporary file, fsyncs, renames: `path` holds either the old or the new content, whatever happens.
/// IoError on failure (disk full, unwritable).
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint);
/// Tensors on the CPU. IoError naming the file if it is missing, truncated, or its checksum does not fit.
Checkpoint load_checkpoint(const std::string& path);

/// Writes text the same atomic way (result.json, resolved YAML).
void write_file_atomically(const std::string& path, const std::string& content);

/// The checkpoints of a run: `folder/step-<8 digits>.safetensors`, the last two kept.
class CheckpointStore {
 public:
  explicit CheckpointStore(std::string folder);  ///< made if missing
  const std::string& folder() const { return folder_; }
  std::string path(int64_t step) const;
  void save(int64_t step, const Checkpoint& checkpoint) const;
  /// The newest that is whole; a damaged newer one is skipped with `warning` told. Empty if there is none at all;
  /// IoError if there are some and all are damaged.
  std::optional<Checkpoint> latest(std::string* warning) const;

 private:
  std::map<int64_t, std::string> files() const;
  std::string folder_;
};

}  // namespace genmatch
