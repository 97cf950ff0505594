#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "core/errors.h"
#include "experiments/app/commands.h"
#include "experiments/app/program.h"
#include "experiments/app/terminal.h"
#include "experiments/compare/plan.h"
#include "experiments/compare/tradeoff.h"
#include "experiments/compare/worker_pool.h"
#include "experiments/report/text.h"

namespace genmatch {

namespace fs = std::filesystem;

namespace {

/// What is run, and how.
class Session {
 public:
  Session(const CompareArguments& arguments, std::vector<PlannedRun> plan, RunIndex index, int jobs)
      : arguments_(arguments), plan_(std::move(plan)), index_(std::move(index)), jobs_(jobs) {}

  const std::vector<PlannedRun>& plan() const { return plan_; }

  std::map<std::string, IndexedRun> finished() {
    index_.synchronise();
    return finished_runs(index_);
  }

  /// The planned runs that are not finished; one where two rows share it.
  std::vector<const PlannedRun*> missing() {
    const auto done = finished();
    std::set<std::string> seen;
    std::vector<const PlannedRun*> list;
    for (const PlannedRun& run : plan_)
      if (done.count(run.keys.run) == 0 && seen.insert(run.keys.run).second) list.push_back(&run);
    return list;
  }

  /// Runs that share their training go one after another, so that only the first trains.
  Task task(const PlannedRun& run) {
    return {run.label, [this, &run] { return command(run); }, run.keys.training};
  }

 private:
  // Looks again: since the plan was made another process may have done the run, or left a part of it.
  Command command(const PlannedRun& run) {
    index_.synchronise();
    RunFilter same;
    same.key = run.keys.run;
    std::optional<std::string> unfinished;
    for (const IndexedRun& found : index_.find(same)) {
      if (found.record.status == "finished" && found.result) return {};
      if (!unfinished) unfinished = found.path;
    }
    const bool resumes = arguments_.resume && unfinished;
    const std::string slug = run.study->varies() ? run.variant->slug : "";
    const std::string folder =
        resumes ? *unfinished : make_run_folder(arguments_.runs, run.variant->options.name, slug, run.seed);
    return {words(run, folder, resumes), folder + "/log.txt"};
  }

  std::vector<std::string> words(const PlannedRun& run, const std::string& folder, bool resumes) const {
    std::vector<std::string> w{fs::read_symlink("/proc/self/exe").string(), "run"};
    const auto add = [&](std::initializer_list<std::string> more) { w.insert(w.end(), more); };
    if (resumes) {
      add({folder, "--resume"});
    } else {
      add({run.study->file, "--out", folder, "--seed", std::to_string(run.seed), "--device", arguments_.device});
      if (run.study->varies()) add({"--variant", run.variant->slug});
      for (const std::string& assignment : arguments_.overrides) add({"--set", assignment});
      if (const auto trained = trained_run(run)) add({"--trained", *trained});
    }
    add({"--threads", std::to_string(threads()), "--report-progress", "--expected-key", run.keys.run});
    return w;
  }

  // A finished run with the same weights, whose metrics or figures are others.
  std::optional<std::string> trained_run(const PlannedRun& run) const {
    RunFilter same;
    same.training_key = run.keys.training;
    same.status = "finished";
    const auto found = index_.find(same);
    if (found.empty()) return std::nullopt;
    return found.front().path;
  }

  int threads() const { return arguments_.threads.value_or(std::max(1, available_cores() / jobs_)); }

  const CompareArguments& arguments_;
  std::vector<PlannedRun> plan_;
  RunIndex index_;
  int jobs_;
};

class PoolDisplay final : public PoolObserver {
 public:
  explicit PoolDisplay(const std::vector<const PlannedRun*>& runs) : runs_(runs) { terminal_.stage("compare"); }

  void progress(const PoolProgress& p) override {
    std::string note = fmt::format("{} of {} runs", p.finished + p.failed, p.total);
    if (p.failed > 0) note += fmt::format(", {} failed", p.failed);
    for (const std::string& r : p.running) note += "  " + r;
    terminal_.show(p.fraction, note);
  }

  void ended(std::size_t task, const TaskOutcome& outcome) override {
    if (outcome.state != TaskOutcome::State::failed) return;
    terminal_.clear();
    fmt::print(stderr, "{}: FAILED: {}\n", runs_[task]->label, outcome.message);
  }

  bool stop_requested() override { return terminal_.stop_requested(); }
  void clear() { terminal_.clear(); }

 private:
  const std::vector<const PlannedRun*>& runs_;
  TerminalObserver terminal_;
};

void make_root(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw IoError(path + ": cannot make the folder of the runs: " + error.message());
  if (access(path.c_str(), W_OK) != 0) throw IoError(path + ": cannot be written: " + std::strerror(errno));
}

// Runs what is missing; what failed, as a list for people.
std::vector<std::string> run_missing(Session& session, const std::vector<const PlannedRun*>& missing,
                                     const PoolOptions& options) {
  std::vector<Task> tasks;
  for (const PlannedRun* run : missing) tasks.push_back(session.task(*run));
  catch_interrupts();
  PoolDisplay display(missing);
  const std::vector<TaskOutcome> outcomes = run_tasks(tasks, options, display);
  display.clear();
  std::vector<std::string> failures;
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (outcomes[i].state == TaskOutcome::State::failed)
      failures.push_back(missing[i]->label + ": " + outcomes[i].message);
  if (display.stop_requested())
    throw Interrupted(
        "stopped; what is finished is kept: the same command goes on, with --resume from the checkpoints");
  return failures;
}

// Beside the runs of the first file.
void draw(const Comparison& table, const CompareArguments& a, const std::string& name) {
  const std::string folder = a.runs + "/" + name;
  fs::create_directories(folder);
  for (const std::string& picture :
       draw_tradeoff(tradeoff_curves(table, a.plot[0], a.plot[1]), a.plot[0], a.plot[1], name, folder))
    fmt::print(stderr, "{}\n", picture);
}

}  // namespace

int compare_command(const CompareArguments& a, const Catalog& catalog) {
  std::vector<Study> studies;
  for (const std::string& file : a.files) studies.push_back(read_study(file, a.overrides, catalog));
  const Selection selection{a.only, a.seeds.empty() ? std::vector<uint64_t>{} : parse_seeds(a.seeds)};
  std::vector<PlannedRun> plan = plan_runs(studies, selection, catalog);
  make_root(a.runs);
  const int jobs = std::min<int>(a.jobs.value_or(available_cores()), static_cast<int>(plan.size()));
  Session session(a, std::move(plan), RunIndex(a.runs), jobs);

  const auto missing = session.missing();
  fmt::print(stderr, "{} runs: {} finished, {} to do, {} at once\n", session.plan().size(),
             session.plan().size() - missing.size(), missing.size(), jobs);
  std::vector<std::string> failures;
  if (a.dry_run) {
    for (const PlannedRun* run : missing) fmt::print(stderr, "to do: {}\n", run->label);
  } else if (!missing.empty()) {
    failures = run_missing(session, missing, {jobs, a.runs + "/.claims"});
  }
  const Comparison table = tabulate(session.plan(), studies, session.finished());
  fmt::print("{}", format_comparison(table, a.format));
  if (!a.plot.empty()) draw(table, a, studies[0].base.name);
  for (const std::string& failure : failures) fmt::print(stderr, "FAILED: {}\n", failure);
  return failures.empty() ? success : runs_failed;
}

}  // namespace genmatch
