#pragma once
#include <string>

#include "core/observer.h"

namespace genmatch {

/// Tells the process that started this one how far it is: lines "0.25 training" to a descriptor (worker_pool.h). Hands
/// everything on to another observer.
class ProgressReport final : public Observer {
 public:
  ProgressReport(Observer& next, int descriptor);
  void stage(const std::string& name) override;
  void progress(double fraction) override;
  void training_step(const TrainingStep& step) override;
  void validation(const Validation& validation) override { next_.validation(validation); }
  void warning(const std::string& text) override { next_.warning(text); }
  bool stop_requested() override { return next_.stop_requested(); }

 private:
  bool training() const;
  void report(double fraction);

  Observer& next_;
  int descriptor_;
  std::string stage_;
  double reported_ = -1;
};

}  // namespace genmatch
