// The laws of core/data/coupling.h.
#include "core/data/coupling.h"

#include <gtest/gtest.h>

#include "core/process/space.h"
#include "tests/conformance/cases.h"
#include "tests/sorted_rows.h"

namespace genmatch {
namespace {

struct CouplingOptions {
  ListOfChoices<SpaceChoice> space;
  CouplingChoice coupling;
  void fields(Fields& f) {
    f("space", space, "of the factors", required);
    f("coupling", coupling, "how points are paired", required);
  }
};

class CouplingLaws : public testing::TestWithParam<TypedCase> {
 protected:
  void SetUp() override {
    const CouplingOptions options = read_case<CouplingOptions>(GetParam().c);
    ASSERT_EQ(options.coupling.name(), GetParam().c.name);
    for (const SpaceChoice& choice : options.space.items) spaces_.push_back(choice.make());
    coupling_ = options.coupling.make(spaces_);
  }
  Pair draw(int64_t n) {
    Pair pair;
    for (const SpacePtr& space : spaces_) {
      pair.x0.push_back(space->sample(n, rng_, GetParam().dtype));
      pair.x1.push_back(space->sample(n, rng_, GetParam().dtype));
    }
    return pair;
  }
  double mean_squared_distance(const Pair& pair) const {
    double sum = 0;
    for (std::size_t i = 0; i < spaces_.size(); ++i) {
      sum += spaces_[i]->distance(pair.x0[i], pair.x1[i]).to(at::kDouble).square().mean().item<double>();
    }
    return sum;
  }

  Spaces spaces_;
  std::shared_ptr<Coupling> coupling_;
  Rng rng_{3, "coupling laws"};
};

TEST_P(CouplingLaws, 1_BothMarginalsAreKept) {
  for (const int64_t n : {0, 1, 2, 257}) {
    const Pair independent = draw(n), coupled = coupling_->couple(independent, rng_);
    EXPECT_EQ(sorted_rows(coupled.x0), sorted_rows(independent.x0)) << n;
    EXPECT_EQ(sorted_rows(coupled.x1), sorted_rows(independent.x1)) << n;
    for (std::size_t i = 0; i < spaces_.size(); ++i) {
      EXPECT_EQ(coupled.x0[i].sizes(), independent.x0[i].sizes());
      EXPECT_EQ(coupled.x1[i].scalar_type(), GetParam().dtype);
    }
  }
}

TEST_P(CouplingLaws, 2_PairsAreNoFartherThanIndependentOnes) {
  const Pair independent = draw(64);
  const double before = mean_squared_distance(independent);
  EXPECT_LE(mean_squared_distance(coupling_->couple(independent, rng_)), before * (1 + 1e-6));
}

INSTANTIATE_TEST_SUITE_P(Cases, CouplingLaws, testing::ValuesIn(typed_cases("coupling")), label);

}  // namespace
}  // namespace genmatch
