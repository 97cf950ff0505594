#pragma once
#include <string>

namespace genmatch {

/// "genmatch 0.1.0 (LibTorch 1.13.1, g++ 12.2.0, release)".
std::string version_line();
/// The program's own version and those of what it stands on, for a run's record: name -> version.
std::string library_version();  ///< LibTorch's
std::string program_version();  ///< genmatch's
std::string compiler_version();

}  // namespace genmatch
