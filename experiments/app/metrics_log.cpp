#include "experiments/app/metrics_log.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/errors.h"
#include "core/learn/checkpoint.h"

namespace genmatch {

using nlohmann::json;

namespace {

// The lines before `step`; a last line that a kill cut short is dropped too.
std::string lines_before(const std::string& path, int64_t step) {
  std::ifstream in(path);
  std::string kept, line;
  while (std::getline(in, line)) {
    const json j = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (j.is_object() && j.value("step", step) < step) kept += line + "\n";
  }
  return kept;
}

}  // namespace

void MetricsLog::append(int64_t step, const std::string& line) {
  if (!cut_) write_file_atomically(path_, lines_before(path_, step));
  cut_ = true;
  std::ofstream out(path_, std::ios::app);
  out << line << "\n";
  if (!out.flush()) throw IoError(path_ + ": cannot be written: " + std::strerror(errno));
}

void MetricsLog::training_step(const TrainingStep& s) {
  append(s.step, json{{"step", s.step},
                      {"loss", s.loss},
                      {"rate", s.rate},
                      {"gradient_norm", s.gradient_norm},
                      {"seconds", s.seconds}}
                     .dump());
  next_.training_step(s);
}

void MetricsLog::validation(const Validation& v) {
  append(v.step, json{{"step", v.step}, {"validation", v.value}, {"best", v.best}}.dump());
  next_.validation(v);
}

void MetricsLog::warning(const std::string& text) {
  warnings_.push_back(text);
  next_.warning(text);
}

}  // namespace genmatch
