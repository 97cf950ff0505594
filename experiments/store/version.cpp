#include "experiments/store/version.h"

#include <torch/version.h>

namespace genmatch {

std::string program_version() { return GENMATCH_VERSION; }
std::string library_version() { return TORCH_VERSION; }
std::string compiler_version() { return std::string(GENMATCH_COMPILER); }

std::string version_line() {
  return "genmatch " + program_version() + " (LibTorch " + library_version() + ", " + compiler_version() + ")";
}

}  // namespace genmatch
