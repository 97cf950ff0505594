// Training that was interrupted goes on as if it had not been.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/errors.h"
#include "tests/learn/training_task.h"

namespace genmatch {
namespace {

using learn_test::Killed;
using learn_test::kShort;
using learn_test::Recorder;
using learn_test::Task;
using testing::HasSubstr;

// Killed (or stopped) anywhere and resumed: the same weights and reports, bit for bit.
TEST(Resume, ResumesBitForBit) {
  const TemporaryFolder folder;
  Recorder whole;
  Task undisturbed(kShort);
  const TrainingResult expected = undisturbed.run(CheckpointStore(folder.path("whole")), whole);
  for (const int64_t at : {1, 39, 40, 41, 50, 77, 119}) {
    for (const bool kill : {true, false}) {
      SCOPED_TRACE((kill ? "killed at " : "stopped at ") + std::to_string(at));
      const CheckpointStore store(folder.path((kill ? "kill-" : "stop-") + std::to_string(at)));
      Task first(kill ? "{checkpoint_seconds: 0, " + kShort.substr(1) : kShort);
      Recorder broken;
      (kill ? broken.kill_at : broken.stop_at) = at;
      if (kill)
        EXPECT_THROW(first.run(store, broken), Killed);
      else
        EXPECT_THROW(first.run(store, broken), Interrupted);

      Task second(kShort);
      Recorder rest;
      const TrainingResult result = second.run(store, rest, true);
      EXPECT_TRUE(at::equal(second.weights(), undisturbed.weights()));
      EXPECT_EQ(result.best_step, expected.best_step);
      EXPECT_EQ(result.best_value, expected.best_value);
      ASSERT_FALSE(rest.steps.empty());
      for (const TrainingStep& s : rest.steps) {
        const auto same = std::find_if(whole.steps.begin(), whole.steps.end(),
                                       [&](const TrainingStep& w) { return w.step == s.step; });
        ASSERT_NE(same, whole.steps.end());
        EXPECT_EQ(s.loss, same->loss);
        EXPECT_EQ(s.rate, same->rate);
        EXPECT_EQ(s.gradient_norm, same->gradient_norm);
      }
    }
  }
}

TEST(Resume, ResumesFromTheCheckpointBeforeADamagedOne) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Task undisturbed(kShort), first("{checkpoint_seconds: 0, " + kShort.substr(1)), second(kShort);
  Recorder recorder, broken, rest;
  undisturbed.run(CheckpointStore(folder.path("whole")), recorder);
  broken.kill_at = 60;
  EXPECT_THROW(first.run(store, broken), Killed);
  std::ofstream(store.path(59)) << "damaged";
  second.run(store, rest, true);
  ASSERT_EQ(rest.warnings.size(), 1U);
  EXPECT_TRUE(at::equal(second.weights(), undisturbed.weights()));
}

TEST(Resume, AFinishedRunResumesToItsResult) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Task first(kShort), second(kShort), third(kShort);
  Recorder recorder, nothing;
  const TrainingResult result = first.run(store, recorder);
  const TrainingResult again = second.run(store, nothing, true);
  EXPECT_TRUE(nothing.steps.empty());
  EXPECT_EQ(again.best_value, result.best_value);
  EXPECT_TRUE(at::equal(first.weights(), second.weights()));
  load_selected(*store.latest(nullptr), third.model->parameters());
  EXPECT_TRUE(at::equal(first.weights(), third.weights()));
}

TEST(Resume, ResumeWithoutACheckpointStartsAnew) {
  const TemporaryFolder folder;
  Task a(kShort), b(kShort);
  Recorder recorder;
  a.run(CheckpointStore(folder.path("a")), recorder, true);
  b.run(CheckpointStore(folder.path("b")), recorder, false);
  EXPECT_TRUE(at::equal(a.weights(), b.weights()));
}

TEST(Resume, CheckpointsOfAnotherTaskAreRefused) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  Task task(kShort);
  task.metadata["experiment"] = "abc";
  Recorder recorder;
  task.run(store, recorder);
  EXPECT_EQ(store.latest(nullptr)->metadata.at("experiment"), "abc");
  const auto expect_refused = [&](Task other, uint64_t seed, const char* why) {
    if (other.metadata.empty()) other.metadata["experiment"] = "abc";
    try {
      other.run(store, recorder, true, seed);
      ADD_FAILURE() << why;
    } catch (const IoError& e) {
      EXPECT_THAT(e.what(), HasSubstr(why));
    }
  };
  expect_refused(Task(kShort), 4, "seed");
  expect_refused(Task(kShort, "width: 9, depth: 1"), 3, "hidden.0.weight: expected");
  expect_refused(Task(kShort, "width: 8, depth: 1", at::kDouble), 3, "Float");
  expect_refused(Task("{steps: 7, " + kShort.substr(1 + std::string("steps: 120, ").size())), 3, "training.steps");
  Task edited(kShort);
  edited.metadata["experiment"] = "xyz";
  expect_refused(edited, 3, "xyz");
}

}  // namespace
}  // namespace genmatch
