// The laws of core/data/coupling.h.
#include "core/data/coupling.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/process/condition.h"
#include "core/process/labels.h"
#include "tests/conformance/cases.h"
#include "tests/sorted_rows.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

struct CouplingOptions {
  ListOfChoices<SpaceChoice> space;
  int64_t classes = 0;
  CouplingChoice coupling;
  void fields(Fields& f) {
    f("space", space, "of the factors", required);
    f("classes", classes, "so many classes as condition; that of a data point depends on where it is");
    f("coupling", coupling, "how points are paired", required);
  }
};

class CouplingLaws : public testing::TestWithParam<TypedCase> {
 protected:
  void SetUp() override {
    const CouplingOptions options = read_case<CouplingOptions>(GetParam().c);
    ASSERT_EQ(options.coupling.name(), GetParam().c.name);
    for (const SpaceChoice& choice : options.space.items) moving_.push_back(choice.make());
    Spaces all = moving_;
    classes_ = options.classes;
    if (classes_ > 0) all.push_back(condition_ = std::make_shared<Condition>(Spaces{labels(classes_)}));
    coupling_ = options.coupling.make(all);
  }

  Pair draw(int64_t n) {
    Pair pair;
    for (const SpacePtr& space : moving_) {
      pair.x0.push_back(space->sample(n, rng_, GetParam().dtype));
      pair.x1.push_back(space->sample(n, rng_, GetParam().dtype));
    }
    if (condition_ == nullptr) return pair;
    const Tensor class_of_x1 = ((place(pair.x1) + 1) * 0.5 * classes_).floor().clamp(0, classes_ - 1);
    pair.x0.push_back(condition_->sample(n, rng_, GetParam().dtype));
    pair.x1.push_back(condition_->given({class_of_x1.unsqueeze(1)}));
    return pair;
  }
  // Where a point is, in a number.
  Tensor place(const State& x) const { return moving_[0]->features(x[0]).select(1, 0); }

  Tensor squared_distance(const Pair& pair) const {
    Tensor sum = at::zeros({pair.x0[0].size(0)}, at::kDouble);
    for (std::size_t i = 0; i < moving_.size(); ++i)
      sum += moving_[i]->distance(pair.x0[i], pair.x1[i]).to(at::kDouble).square();
    return sum;
  }

  Spaces moving_;
  std::shared_ptr<const Condition> condition_;
  int64_t classes_ = 0;
  std::shared_ptr<Coupling> coupling_;
  Rng rng_{3, "coupling laws"};
};

// For each row of `x` which of the rows of `among` it is: one row of flags each.
Tensor which(const State& x, const State& among) {
  const Tensor a = side_by_side(x), b = side_by_side(among);
  return (a.unsqueeze(1) == b.unsqueeze(0)).all(2);
}

void expect_equal(const State& a, const State& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t f = 0; f < a.size(); ++f) EXPECT_TRUE(a[f].equal(b[f])) << "factor " << f;
}

// What no rotation, reflection, permutation or shift in a periodic box changes of clouds [n, N, D]: how far apart the
// features of the particles are.
Tensor invariants(const Space& space, const Tensor& x) {
  const Tensor particles = space.features(x).reshape({x.size(0), x.size(1), space.feature_size() / x.size(1)});
  return std::get<0>(at::cdist(particles, particles).flatten(1).sort(1));
}

TEST_P(CouplingLaws, 1_And5_WhatMarginalsStatesIsKept) {
  for (const int64_t n : {0, 1, 2, 65}) {
    const Pair independent = draw(n), coupled = coupling_->couple(independent, rng_);
    ASSERT_EQ(coupled.x0.size(), independent.x0.size());
    for (std::size_t i = 0; i < independent.x0.size(); ++i) {
      EXPECT_EQ(coupled.x0[i].sizes(), independent.x0[i].sizes());
      EXPECT_EQ(coupled.x1[i].sizes(), independent.x1[i].sizes());
      EXPECT_EQ(coupled.x0[i].scalar_type(), GetParam().dtype);
      EXPECT_EQ(coupled.x1[i].scalar_type(), GetParam().dtype);
    }
    const bool moved = coupling_->marginals() == Marginals::orbits;
    if (coupling_->marginals() != Marginals::changed && !moved) expect_equal(coupled.x1, independent.x1);
    if (coupling_->marginals() == Marginals::rows || moved) {
      EXPECT_EQ(sorted_rows(coupled.x0), sorted_rows(independent.x0)) << n;
    }
    if (n < 2) expect_equal(coupled.x0, independent.x0);
    EXPECT_TRUE(which(coupled.x0, independent.x0).any(1).all().item<bool>()) << n;
    if (moved) {
      const double tolerance = GetParam().dtype == at::kFloat ? 1e-3 : 1e-6;  // of roots near zero
      EXPECT_TRUE(near(invariants(*moving_[0], coupled.x1[0]), invariants(*moving_[0], independent.x1[0]), tolerance))
          << n;
    } else {
      EXPECT_TRUE(which(coupled.x1, independent.x1).any(1).all().item<bool>()) << n;
    }
  }
}

// How often a row of x0 stands in a pair is a sum of independent indicators with mean 1, so its variance is at most 1.
TEST_P(CouplingLaws, 1_EachSourcePointStandsInOnePairOnAverage) {
  if (coupling_->marginals() != Marginals::law) return;
  constexpr int64_t n = 12, repeats = 400;
  const Pair independent = draw(n);
  Tensor counts = at::zeros({n}, at::kDouble);
  for (int64_t r = 0; r < repeats; ++r) counts += which(coupling_->couple(independent, rng_).x0, independent.x0).sum(0);
  EXPECT_TRUE(all_at_most((counts / repeats - 1).abs(), 5 / std::sqrt(repeats)));
}

TEST_P(CouplingLaws, 2_PairsCostNoMoreThanIndependentOnes) {
  std::vector<Tensor> gains;
  for (int r = 0; r < 16; ++r) {
    const Pair independent = draw(64);
    gains.push_back((squared_distance(independent) - squared_distance(coupling_->couple(independent, rng_))).mean());
  }
  const Tensor gain = at::stack(gains);
  EXPECT_GE(gain.mean().item<double>(), -4 * gain.std().item<double>() / 4);
}

TEST_P(CouplingLaws, 3_PairsDependOnTheBatchAndTheRngOnly) {
  const Pair independent = draw(33);
  Pair before = independent;
  for (State* x : {&before.x0, &before.x1})
    for (Tensor& factor : *x) factor = factor.clone();
  Rng one(5, "couple"), other(5, "couple");
  const Pair first = coupling_->couple(independent, one);
  at::manual_seed(99);
  const Pair second = coupling_->couple(independent, other);
  expect_equal(first.x0, second.x0);
  expect_equal(first.x1, second.x1);
  expect_equal(independent.x0, before.x0);
  expect_equal(independent.x1, before.x1);
}

// Where x0 is, on average over the pairs of each class, is where it is over all: a difference of independent means.
TEST_P(CouplingLaws, 4_TheSourceIsIndependentOfTheCondition) {
  if (condition_ == nullptr || coupling_->marginals() == Marginals::changed) return;
  std::vector<Tensor> places, conditions;
  for (int r = 0; r < 60; ++r) {
    const Pair coupled = coupling_->couple(draw(64), rng_);
    places.push_back(place(coupled.x0).to(at::kDouble));
    conditions.push_back(condition_->values(coupled.x1.back())[0].select(1, 0));
  }
  const Tensor place = at::cat(places), condition = at::cat(conditions);
  for (int64_t k = 0; k < classes_; ++k) {
    const Tensor own = place.masked_select(condition == k), others = place.masked_select(condition != k);
    const double sem = std::sqrt(own.var().item<double>() / own.numel() + others.var().item<double>() / others.numel());
    EXPECT_NEAR(own.mean().item<double>(), others.mean().item<double>(), 5 * sem) << "class " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, CouplingLaws, testing::ValuesIn(typed_cases("coupling")), label);

}  // namespace
}  // namespace genmatch
