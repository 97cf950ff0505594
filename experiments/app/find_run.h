#pragma once
#include <string>

namespace genmatch {

/// The folder of the run that a user names: a folder, or how the path of a single run below `runs` begins or ends
/// ("quickstart/2026-01-02T030405-0", "030405-0"). ConfigError if several fit, IoError if none does.
std::string find_run(const std::string& name);

}  // namespace genmatch
