#pragma once
#include <string>
#include <vector>

#include "core/observer.h"

namespace genmatch {

/// Appends every report to metrics.jsonl, a JSON object a line, and hands it on to another observer. A resumed
/// run first drops the lines after the step it goes on from, so that the file reads as if nothing had happened.
class MetricsLog final : public Observer {
 public:
  MetricsLog(std::string path, Observer& next, std::vector<std::string>& warnings)
      : path_(std::move(path)), next_(next), warnings_(warnings) {}
  void stage(const std::string& name) override { next_.stage(name); }
  void progress(double fraction) override { next_.progress(fraction); }
  void training_step(const TrainingStep& step) override;
  void validation(const Validation& validation) override;
  void warning(const std::string& text) override;
  bool stop_requested() override { return next_.stop_requested(); }

 private:
  void append(int64_t step, const std::string& line);

  std::string path_;
  Observer& next_;
  std::vector<std::string>& warnings_;
  bool cut_ = false;
};

}  // namespace genmatch
