#include <gtest/gtest.h>

#include "core/learn/train.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

RateOptions options(const std::string& type, int64_t warmup, double final) {
  RateOptions o;
  o.type = type;
  o.warmup = warmup;
  o.final = final;
  return o;
}

TEST(ScheduledRate, WarmsUpLinearlyToTheFullRate) {
  for (const char* type : {"constant", "cosine"}) {
    const RateOptions o = options(type, 4, 0);
    EXPECT_DOUBLE_EQ(scheduled_rate(o, 8, 0, 100), 2);
    EXPECT_DOUBLE_EQ(scheduled_rate(o, 8, 1, 100), 4);
    EXPECT_DOUBLE_EQ(scheduled_rate(o, 8, 3, 100), 8);
    EXPECT_DOUBLE_EQ(scheduled_rate(o, 8, 4, 100), 8);
  }
}

TEST(ScheduledRate, ConstantStays) {
  EXPECT_EQ(scheduled_rate(options("constant", 0, 0), 3, 0, 10), 3);
  EXPECT_EQ(scheduled_rate(options("constant", 0, 0), 3, 9, 10), 3);
}

TEST(ScheduledRate, CosineFallsFromFullToFinalAndIsHalfWayInTheMiddle) {
  const RateOptions o = options("cosine", 10, 0.2);
  EXPECT_DOUBLE_EQ(scheduled_rate(o, 1, 60, 110), 0.6);
  EXPECT_NEAR(scheduled_rate(o, 1, 110, 110), 0.2, 1e-15);
  EXPECT_NEAR(scheduled_rate(o, 1, 500, 110), 0.2, 1e-15) << "beyond the end";
  for (int64_t step = 10; step < 110; ++step)
    EXPECT_GT(scheduled_rate(o, 1, step, 110), scheduled_rate(o, 1, step + 1, 110));
}

TEST(ScheduledRate, WarmUpMayOutlastTheTraining) {
  EXPECT_DOUBLE_EQ(scheduled_rate(options("cosine", 10, 0), 1, 2, 3), 0.3);
  EXPECT_DOUBLE_EQ(scheduled_rate(options("cosine", 3, 0), 1, 3, 3), 1);
}

}  // namespace
}  // namespace genmatch
