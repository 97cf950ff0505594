#pragma once

namespace genmatch {

/// Exit codes of the program; docs/errors.md explains them.
enum ExitCode {
  success = 0,
  internal_error = 1,
  bad_input = 2,
  bad_data = 3,
  bad_numbers = 4,
  bad_io = 5,
  runs_failed = 6,
  interrupted_by_user = 130
};

/// The command line: parses, runs a command, turns errors into messages and exit codes.
int run_program(int argc, const char* const* argv);

}  // namespace genmatch
