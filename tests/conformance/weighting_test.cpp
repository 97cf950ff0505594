// The law of core/learn/loss_weighting.h.
#include <gtest/gtest.h>

#include "core/config/choice.h"
#include "core/learn/loss_weighting.h"
#include "core/ops.h"
#include "core/process/path.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/gaussian_factors.h"

namespace genmatch {
namespace {

class WeightingLaws : public ::testing::TestWithParam<Case> {
 protected:
  const std::shared_ptr<LossWeighting> weighting = read_component<LossWeightingChoice>(GetParam()).make();
};

TEST_P(WeightingLaws, NotNegativeAndFiniteAtBothEnds) {
  for (const Named& named : gaussian_schedules) {
    const Factor factor = gaussian_factor(named, "velocity");
    for (const auto dtype : {at::kFloat, at::kDouble}) {
      const Tensor t = at::tensor({0.0, 1e-7, 0.3, 0.7, 1 - 1e-7, 1.0}, dtype);
      for (const std::string& name : prediction_names()) {
        const Tensor w = weighting->at(factor.path->gaussian()->at(t), prediction_named(name));
        EXPECT_EQ(w.sizes(), t.sizes());
        EXPECT_TRUE(w.isfinite().all().item<bool>()) << named.schedule << ", " << name << "\n" << w;
        EXPECT_TRUE((w >= 0).all().item<bool>()) << named.schedule << ", " << name << "\n" << w;
        EXPECT_TRUE((w.slice(0, 2, 4) > 0).all().item<bool>()) << named.schedule << ", " << name << "\n" << w;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Weightings, WeightingLaws, ::testing::ValuesIn(cases("weighting")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
