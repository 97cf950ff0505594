#pragma once
// What can go wrong, by whose hand it is mended. Only main() catches; docs/errors.md lists the exit codes.
#include <stdexcept>
#include <string>
#include <utility>

namespace genmatch {

/// Root of all errors that this library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user's experiment file or command line asks for something impossible. The message holds one line per
/// problem, each `file:line:column: what is wrong; what to do`.
class ConfigError : public Error {
 public:
  using Error::Error;
};

/// One option of a component has a value that only shows to be wrong when the component is built (a file that
/// is missing, a space that does not fit). Whoever knows where the option stands in the file turns it into a
/// ConfigError; `key` is the option's name, empty for the component as a whole.
class OptionError : public Error {
 public:
  OptionError(std::string key, const std::string& message) : Error(message), key_(std::move(key)) {}
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};

/// The data are not what the experiment says they are (NaN, missing column, latitude of 91°, too few rows).
class DataError : public Error {
 public:
  using Error::Error;
};

/// A caller broke a function's contract: names the argument, what was expected and what came.
class ContractError : public Error {
 public:
  using Error::Error;
};

/// A computation left the numbers (NaN, divergence, a solver out of steps).
class NumericalError : public Error {
 public:
  using Error::Error;
};

/// The disk or another resource failed: unwritable folder, disk full, damaged checkpoint.
class IoError : public Error {
 public:
  using Error::Error;
};

/// The user asked to stop (Ctrl-C); everything worth keeping has been saved.
class Interrupted : public Error {
 public:
  using Error::Error;
};

}  // namespace genmatch
