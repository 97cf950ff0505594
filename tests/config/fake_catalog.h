#pragma once
// Schedules that compute nothing, and an experiment of options that holds one option of every kind.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/process/schedule.h"

namespace genmatch::fake {

class FakeSchedule : public Schedule {
 public:
  Tensor value(const Tensor& t) const override { return t; }
  Tensor derivative(const Tensor& t) const override { return t; }
};

/// No options.
class Linear final : public FakeSchedule {
 public:
  using Options = NoOptions;
  explicit Linear(const Options&) {}
};

/// Two numbers, one of them bounded. Refuses to be built with a power of 13.
class Power final : public FakeSchedule {
 public:
  struct Options {
    double power = 2;
    int64_t width = 3;
    void fields(Fields& f) {
      f("power", power, "the exponent", above(0));
      f("width", width, "how wide", at_least(1));
    }
  };
  explicit Power(const Options& options) : power(options.power) {
    if (power == 13) throw OptionError("power", "is unlucky");
    if (power == 17) throw OptionError("", "does not fit");
  }
  const double power;
};

/// A component that holds a component.
class Chained final : public FakeSchedule {
 public:
  struct Options {
    ScheduleChoice inner{"power"};
    void fields(Fields& f) { f("inner", inner, "what runs inside"); }
  };
  explicit Chained(const Options& options) : inner(options.inner.make()) {}
  const std::shared_ptr<Schedule> inner;
};

/// An option without which it is nothing.
class Table final : public FakeSchedule {
 public:
  struct Options {
    std::string file;
    void fields(Fields& f) { f("file", file, "a table of values", required); }
  };
  explicit Table(const Options&) {}
};

inline Catalog catalog() {
  Catalog c;
  c.schedules.add<Linear>("linear", {"Constant speed.", ""});
  c.schedules.add<Power>("power", {"A power.", ""});
  c.schedules.add<Chained>("chained", {"Another schedule.", ""});
  c.schedules.add<Table>("table", {"From a file.", ""});
  return c;
}

/// A list item with an inline choice.
struct Weighted {
  ScheduleChoice schedule{"linear"};
  double weight = 1;
  void fields(Fields& f) {
    f("", schedule, "the schedule");
    f("weight", weight, "its share", at_least(0));
  }
};

/// A list item without one.
struct Row {
  std::string method;
  std::optional<double> spread;
  void fields(Fields& f) {
    f("method", method, "its name", required);
    f("spread", spread, "its spread", at_least(0));
  }
};

struct Training {
  int64_t steps = 100;
  double rate = 1e-3;
  std::optional<double> clip = 1.5;
  bool shuffle = true;
  ScheduleChoice warmup{"power"};
  void fields(Fields& f) {
    f("steps", steps, "how many", at_least(1));
    f("rate", rate, "learning rate", above(0) & below(1));
    f("clip", clip, "bound of the gradient", above(0));
    f("shuffle", shuffle, "in what order");
    f("warmup", warmup, "of the rate");
  }
};

struct Options {
  std::string name;
  std::string dtype = "float32";
  int64_t seed = 0;
  double fraction = 0.5;
  std::optional<int64_t> limit;
  std::optional<std::string> note;
  std::vector<int64_t> shape{2, 3};
  std::vector<double> grid{0, 0.1};
  std::vector<std::string> columns{"lat", "lon"};
  ScheduleChoice schedule{"linear"};
  ScheduleChoice other;
  ListOfChoices<ScheduleChoice> schedules{std::vector<std::string>{"power"}};
  ListOf<Weighted> weighted;
  ListOf<Row> rows;
  MapOf<Row> named;
  Training training;
  Options() { weighted.append("", {}); }
  void fields(Fields& f) {
    f("name", name, "what it is called", required);
    f("dtype", dtype, "precision", one_of({"float32", "float64"}));
    f("seed", seed, "of everything", at_least(0));
    f("fraction", fraction, "a share", at_least(0) & below(1));
    f("limit", limit, "at most so many", at_least(1));
    f("note", note, "for people");
    f("shape", shape, "a shape", at_least(1));
    f("grid", grid, "points", not_empty());
    f("columns", columns, "names of columns", not_empty());
    f("schedule", schedule, "how time runs");
    f("other", other, "another one, or none");
    f("schedules", schedules, "several of them", not_empty());
    f("weighted", weighted, "several with their weights", not_empty());
    f("rows", rows, "published rows");
    f("named", named, "rows with names");
    f("training", training, "how it is trained");
  }
};

/// Reads `text` as the file "f.yaml" into `options` and returns all problems, of the parse or else of the reading.
inline std::vector<std::string> read(const std::string& text, Options& options) {
  static const Catalog all = catalog();
  Problems problems;
  const Node root = parse_yaml(text, "f.yaml", problems);
  if (problems.empty())
    read_fields(
        root, [&](Fields& f) { options.fields(f); }, all, problems);
  return problems.lines();
}

inline std::vector<std::string> problems_of(const std::string& text) {
  Options options;
  return read(text, options);
}

}  // namespace genmatch::fake
