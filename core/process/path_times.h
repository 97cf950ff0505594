#pragma once
#include <utility>
#include <vector>

namespace genmatch {

/// Times of the data, rising, that a path passes through (Path::times()); none for most paths.
class PathTimes {
 public:
  PathTimes() = default;
  explicit PathTimes(std::vector<double> times) : times_(std::move(times)) {}

  bool empty() const { return times_.empty(); }
  bool pass(double time) const;  ///< whether it is one of them
  bool span(double time) const;  ///< whether it is one of them or between two; false if there are none
  /// The path's own time: 0 at the first, 1 at the last of at least two.
  double unit(double time) const { return (time - times_.front()) / (times_.back() - times_.front()); }

 private:
  std::vector<double> times_;
};

}  // namespace genmatch
