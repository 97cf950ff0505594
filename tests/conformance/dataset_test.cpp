// The laws of core/data/dataset.h.
#include "core/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/process/space.h"
#include "tests/conformance/cases.h"
#include "tests/sorted_rows.h"

namespace genmatch {
namespace {

struct DatasetOptions {
  ListOfChoices<SpaceChoice> space;
  DatasetChoice dataset;
  void fields(Fields& f) {
    f("space", space, "of the factors", required);
    f("dataset", dataset, "the data", required);
  }
};

class DatasetLaws : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const DatasetOptions options = read_case<DatasetOptions>(GetParam());
    ASSERT_EQ(options.dataset.name(), GetParam().name);
    for (const SpaceChoice& choice : options.space.items) spaces_.push_back(choice.make());
    dataset_ = make(GetParam());
  }
  /// Paths in the cases start at the root of the sources.
  std::shared_ptr<Dataset> make(const Case& c) const {
    return read_case<DatasetOptions>(c).dataset.make({spaces_, GENMATCH_SOURCE_DIR, {}});
  }
  std::shared_ptr<Dataset> make_with_split_seed(int seed) const {
    Case c = GetParam();
    Problems problems;
    const Node* const inner = c.node.find("dataset")->find("data");  // of those that change what others load
    apply_override(c.node, (inner != nullptr ? "dataset.data" : "dataset") + (".split.seed=" + std::to_string(seed)),
                   problems);
    problems.throw_if_any();
    return make(c);
  }
  static State everything(const Splits& s) { return stacked({s.train.x, s.validation.x, s.test.x}); }

  Spaces spaces_;
  std::shared_ptr<Dataset> dataset_;
};

TEST_P(DatasetLaws, 1_EveryRowLiesOnTheSpace) {
  const State x = everything(dataset_->load(0));
  ASSERT_EQ(x.size(), spaces_.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    EXPECT_EQ(x[i].scalar_type(), at::kDouble);
    Shape shape = spaces_[i]->event_shape();
    shape.insert(shape.begin(), x[0].size(0));
    EXPECT_EQ(x[i].sizes(), shape);
    EXPECT_LE(spaces_[i]->violation(x[i]).max().item<double>(), 1e-14);
  }
}

// Were a row in two parts, or in none, another permutation would leave other rows in all.
TEST_P(DatasetLaws, 2_SplitsAreDisjointAndCoverTheData) {
  const Splits one = make_with_split_seed(1)->load(5), two = make_with_split_seed(2)->load(5);
  EXPECT_EQ(sorted_rows(everything(one)), sorted_rows(everything(two)));
  EXPECT_NE(sorted_rows(one.train.x), sorted_rows(two.train.x));
}

TEST_P(DatasetLaws, 3_TheSeedDecides) {
  const Splits a = dataset_->load(1), again = make(GetParam())->load(1), b = dataset_->load(2);
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    EXPECT_TRUE(a.train.x[i].equal(again.train.x[i]));
    EXPECT_TRUE(a.validation.x[i].equal(again.validation.x[i]));
    EXPECT_TRUE(a.test.x[i].equal(again.test.x[i]));
  }
  EXPECT_FALSE(a.train.x[0].equal(b.train.x[0]));
}

TEST_P(DatasetLaws, HashIdentifiesTheData) {
  EXPECT_THAT(dataset_->hash(), testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(dataset_->hash().size(), 16u);
  EXPECT_EQ(dataset_->hash(), make(GetParam())->hash());
}

INSTANTIATE_TEST_SUITE_P(Cases, DatasetLaws, testing::ValuesIn(cases("dataset")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
