// Synthetic data that say which part of their law each point is of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/data/conditional_dataset.h"
#include "core/ops.h"
#include "core/process/labels.h"
#include "tests/chosen.h"
#include "tests/data/make_dataset.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

struct ClassCase {
  std::string name, data;
  std::vector<double> shares;
};
void PrintTo(const ClassCase& c, std::ostream* out) { *out << c.name; }

std::shared_ptr<const Dataset> make(const std::string& data, int64_t classes) {
  Spaces spaces{chosen<SpaceChoice>("{type: euclidean, dim: 2}").make()};
  if (classes > 0) spaces.push_back(labels(classes));
  return chosen<DatasetChoice>("{" + data + ", rows: 20000, split: {validation: 0, test: 0}}").make({spaces, ".", {}});
}

class Classes : public testing::TestWithParam<ClassCase> {
 protected:
  int64_t count() const { return static_cast<int64_t>(GetParam().shares.size()); }
  const std::shared_ptr<const Dataset> labelled_ = make(GetParam().data, count()), plain_ = make(GetParam().data, 0);
};

TEST_P(Classes, ThePointsAreTheSameAndTheClassesHaveTheirShares) {
  const Splits splits = labelled_->load(3);
  ASSERT_EQ(splits.train.x.size(), 2u);
  EXPECT_EQ(splits.train.columns.back(), "class");
  EXPECT_TRUE(splits.train.x[0].equal(plain_->load(3).train.x[0]));
  for (int64_t k = 0; k < count(); ++k) {
    const double p = GetParam().shares[static_cast<std::size_t>(k)];
    EXPECT_NEAR(splits.train.x[1].eq(k).sum().item<double>(), 20000 * p, 5 * std::sqrt(20000 * p * (1 - p)));
  }
}

// p(x) = sum_k P(k) p(x | k), and Bayes' rule at the rows: P(k | x) on average over p(x) is P(k).
TEST_P(Classes, DensitiesOfTheClassesMakeUpTheWhole) {
  const Table rows = labelled_->load(4).train;
  const Tensor x = rows.x[0].narrow(0, 0, 3000);
  std::vector<Tensor> joint;
  for (int64_t k = 0; k < count(); ++k)
    joint.push_back(labelled_->log_density({x, at::full({3000, 1}, k, at::kDouble)}) +
                    std::log(GetParam().shares[static_cast<std::size_t>(k)]));
  const Tensor all = at::stack(joint, 1);
  EXPECT_TRUE(near(all.logsumexp(1), plain_->log_density({x}), 1e-7));
  // Each row's own class explains it: calibrated, sum of P(k | x) over rows = number of rows of k, within 5 sigma.
  const Tensor posterior = all.softmax(1), label = rows.x[1].narrow(0, 0, 3000);
  for (int64_t k = 0; k < count(); ++k) {
    const Tensor p = posterior.select(1, k);
    const double spread = std::sqrt((p * (1 - p)).sum().item<double>());
    EXPECT_NEAR(label.eq(k).sum().item<double>(), p.sum().item<double>(), 5 * spread + 1e-6);
  }
}

TEST_P(Classes, AConditionalDatasetJoinsThem) {
  const auto condition = std::make_shared<const Condition>(Spaces{labels(count())});
  const ConditionalDataset joined(labelled_, condition, 1);
  const Table apart = labelled_->load(5).train, together = joined.load(5).train;
  EXPECT_TRUE(together.x[0].equal(apart.x[0]));
  EXPECT_TRUE(condition->values(together.x[1])[0].equal(apart.x[1]));
  EXPECT_TRUE(joined.log_density(together.x).equal(labelled_->log_density(apart.x)));
  EXPECT_NE(joined.hash(), plain_->hash());
}

INSTANTIATE_TEST_SUITE_P(
    Laws, Classes,
    testing::Values(ClassCase{"eight_gaussians", "type: eight_gaussians, noise: 2", std::vector<double>(8, 0.125)},
                    ClassCase{"gaussian_mixture",
                              "type: gaussian_mixture, means: [[0, 0], [2, 1], [0, 3]], weights: [1, 2, 1], "
                              "scales: [1, 0.5, 2]",
                              {0.25, 0.5, 0.25}},
                    ClassCase{"moons", "type: moons, noise: 0.3", {0.5, 0.5}},
                    ClassCase{"rings", "type: rings, noise: 0.3", {0.25, 0.25, 0.25, 0.25}},
                    ClassCase{"pinwheel", "type: pinwheel", {0.2, 0.2, 0.2, 0.2, 0.2}}),
    [](const auto& info) { return info.param.name; });

TEST(ClassesOf, OtherLawsAndOtherNumbersAreRefused) {
  EXPECT_THAT(message_of([] { make("type: checkerboard", 2); }), testing::HasSubstr("have no classes"));
  EXPECT_THAT(message_of([] { make("type: moons", 3); }), testing::HasSubstr("classes: 2"));
}

}  // namespace
}  // namespace genmatch
