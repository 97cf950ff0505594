// The laws of core/learn/model.h.
#include "core/learn/model.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "core/process/manifold.h"
#include "tests/conformance/cases.h"

namespace genmatch {
namespace {

struct FactorCase {
  SpaceChoice space;
  int64_t head = 1;
  void fields(Fields& f) {
    f("space", space, "where", required);
    f("head", head, "numbers wanted", required);
  }
};

struct ModelCase {
  ListOf<FactorCase> factors;
  ModelChoice model;
  void fields(Fields& f) {
    f("factors", factors, "what the model is for", not_empty());
    f("model", model, "the network", required);
  }
};

struct Batch {
  State x, directions;
  Tensor t;
};

class ModelLaws : public testing::TestWithParam<TypedCase> {
 protected:
  void SetUp() override {
    options_ = read_case<ModelCase>(GetParam().c);
    ASSERT_EQ(options_.model.name(), GetParam().c.name);
    for (const auto& item : options_.factors.items) {
      spaces_.push_back(item.value.space.make());
      heads_.push_back(item.value.head);
    }
    model_ = make(1);
  }
  std::shared_ptr<Model> make(uint64_t seed) const {
    return options_.model.make(ModelContext{spaces_, heads_, like(), seed});
  }
  at::TensorOptions like() const { return at::TensorOptions().dtype(GetParam().dtype); }
  // Whether there are curves at all; symbols only jump.
  bool smooth() const {
    return std::all_of(spaces_.begin(), spaces_.end(), [](const SpacePtr& s) { return s->manifold() != nullptr; });
  }
  bool single() const { return GetParam().dtype == at::kFloat; }
  double tolerance() const { return single() ? 2e-5 : 1e-12; }

  Batch batch(int64_t rows, int64_t directions = 3) const {
    Rng rng(2, "model laws");
    Batch b{{}, {}, rng.uniform({rows}, like())};
    for (const SpacePtr& space : spaces_) {
      b.x.push_back(space->sample(rows, rng, like()));
      Shape shape = space->event_shape();
      shape.insert(shape.begin(), {directions, rows});
      const Tensor any = rng.normal(shape, like());
      b.directions.push_back(smooth() ? space->manifold()->to_tangent(b.x.back(), any) : any);
    }
    return b;
  }

  ModelCase options_;
  Spaces spaces_;
  std::vector<int64_t> heads_;
  std::shared_ptr<Model> model_;
};

// max |a - b| / (max |b| + 1), 0 without elements.
double relative(const Tensor& a, const Tensor& b) {
  if (a.numel() == 0) return 0;
  return ((a - b).abs().max() / (b.abs().max() + 1)).item<double>();
}

TEST_P(ModelLaws, 1_Shapes) {
  for (const int64_t rows : {0, 1, 5}) {
    const Batch b = batch(rows);
    const auto output = model_->forward(b.x, b.t);
    ASSERT_EQ(output.size(), heads_.size());
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      EXPECT_EQ(output[i].sizes(), at::IntArrayRef({rows, heads_[i]}));
      EXPECT_EQ(output[i].scalar_type(), GetParam().dtype);
      EXPECT_TRUE(output[i].isfinite().all().item<bool>());
    }
    if (!smooth()) continue;
    const ModelJvp jvp = model_->jvp(b.x, b.t, b.directions);
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      EXPECT_EQ(jvp.output[i].sizes(), at::IntArrayRef({rows, heads_[i]}));
      EXPECT_EQ(jvp.derivative[i].sizes(), at::IntArrayRef({3, rows, heads_[i]}));
    }
  }
}

TEST_P(ModelLaws, 2_RowsDoNotAffectEachOther) {
  const Batch b = batch(7);
  const auto together = model_->forward(b.x, b.t);
  for (int64_t row = 0; row < 7; ++row) {
    State alone;
    for (const Tensor& x : b.x) alone.push_back(x.narrow(0, row, 1));
    const auto output = model_->forward(alone, b.t.narrow(0, row, 1));
    for (std::size_t i = 0; i < output.size(); ++i)
      EXPECT_LT(relative(output[i], together[i].narrow(0, row, 1)), tolerance());
  }
}

TEST_P(ModelLaws, 3_EveryParameterGetsAGradient) {
  const Batch b = batch(16);
  Tensor loss;
  for (const Tensor& output : model_->forward(b.x, b.t)) {
    const Tensor part = (output - 1).square().sum();
    loss = loss.defined() ? loss + part : part;
  }
  model_->parameters().zero_gradients();
  torch::autograd::backward({loss});
  for (const auto& entry : model_->parameters().entries()) {
    EXPECT_TRUE(entry.value.grad().isfinite().all().item<bool>()) << entry.name;
    EXPECT_GT(entry.value.grad().abs().max().item<double>(), 0) << entry.name;
  }
}

TEST_P(ModelLaws, 4_TheFlatParametersAreTheWholeModel) {
  const Batch b = batch(5);
  const auto other = make(9);
  const Tensor before = other->forward(b.x, b.t)[0].detach();
  EXPECT_GT(relative(before, model_->forward(b.x, b.t)[0]), 0) << "another seed, other weights";
  const auto twin = make(1);
  twin->parameters().assign(other->parameters().values());
  twin->parameters().assign(model_->parameters().values());
  for (std::size_t i = 0; i < heads_.size(); ++i)
    EXPECT_TRUE(at::equal(twin->forward(b.x, b.t)[i], model_->forward(b.x, b.t)[i]));
}

TEST_P(ModelLaws, 5_JvpIsAutograds) {
  if (!smooth()) GTEST_SKIP() << "there are no curves of symbols";
  const Batch b = batch(5);
  const ModelJvp own = model_->jvp(b.x, b.t, b.directions);
  const ModelJvp autograd = model_->Model::jvp(b.x, b.t, b.directions);
  for (std::size_t i = 0; i < heads_.size(); ++i) {
    EXPECT_LT(relative(own.output[i], model_->forward(b.x, b.t)[i]), tolerance());
    EXPECT_LT(relative(own.derivative[i], autograd.derivative[i]), tolerance());
    EXPECT_FALSE(own.output[i].requires_grad() || own.derivative[i].requires_grad());
  }
}

TEST_P(ModelLaws, 5_JvpIsTheSlopeAlongCurves) {
  if (!smooth()) GTEST_SKIP() << "there are no curves of symbols";
  if (single()) GTEST_SKIP() << "finite differences, done in float64";
  const Batch b = batch(5);
  const ModelJvp jvp = model_->jvp(b.x, b.t, b.directions);
  const double h = 1e-5;
  for (int64_t k = 0; k < 3; ++k) {
    State ahead, behind;
    for (std::size_t i = 0; i < spaces_.size(); ++i) {
      const Manifold& m = *spaces_[i]->manifold();
      ahead.push_back(m.exp(b.x[i], h * b.directions[i][k]));
      behind.push_back(m.exp(b.x[i], -h * b.directions[i][k]));
    }
    const auto right = model_->forward(ahead, b.t), left = model_->forward(behind, b.t);
    for (std::size_t i = 0; i < heads_.size(); ++i)
      EXPECT_LT(relative(jvp.derivative[i][k], (right[i] - left[i]) / (2 * h)), 1e-8);
  }
}

TEST_P(ModelLaws, GradientReachesTheInputs) {
  if (!smooth()) GTEST_SKIP() << "there are no curves of symbols";
  Batch b = batch(4);
  for (Tensor& x : b.x) x.requires_grad_(true);
  b.t.requires_grad_(true);
  Tensor sum = at::zeros({}, like());
  Rng rng(4, "model laws");  // outputs may add up to zero, as velocities of particles do
  for (const Tensor& output : model_->forward(b.x, b.t))
    sum = sum + (output * rng.normal(output.sizes(), like())).sum();
  State inputs = b.x;
  inputs.push_back(b.t);
  for (const Tensor& g : torch::autograd::grad({sum}, inputs)) EXPECT_GT(g.abs().max().item<double>(), 0);
}

INSTANTIATE_TEST_SUITE_P(Cases, ModelLaws, testing::ValuesIn(typed_cases("model")), label);

}  // namespace
}  // namespace genmatch
