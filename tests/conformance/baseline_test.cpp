// The laws of Baseline in core/measure/evaluation.h.
#include <gtest/gtest.h>

#include <cmath>

#include "core/errors.h"
#include "core/numerics/rotation.h"
#include "core/process/manifold.h"
#include "discrete/alphabet.h"
#include "tests/conformance/cases.h"
#include "tests/measure/helpers.h"

namespace genmatch {
namespace {

const at::TensorOptions kFloat64 = at::TensorOptions(at::kDouble);

struct BaselineCase {
  ListOfChoices<SpaceChoice> spaces;
  BaselineChoice baseline;
  DatasetChoice dataset;
  void fields(Fields& f) {
    f("spaces", spaces, "one per factor", required);
    f("baseline", baseline, "the density", required);
    f("dataset", dataset, "what the rows are said to come from; optional");
  }
};

// The midpoint rule: nodes with weights that add up to the volume.
struct Rule {
  Tensor nodes, weights;  // [Q, *event], [Q]
};

Tensor midpoints(double from, double to, int64_t n) {
  return from + (to - from) * (at::arange(n, kFloat64) + 0.5) / static_cast<double>(n);
}

Rule product(const Tensor& a, const Tensor& b, double volume) {
  const auto grid = at::meshgrid({a, b}, "ij");
  const Tensor nodes = at::stack({grid[0].flatten(), grid[1].flatten()}, 1);
  return {nodes, at::full({nodes.size(0)}, volume / static_cast<double>(nodes.size(0)), kFloat64)};
}

// Every word once.
Rule words(const Alphabet& alphabet) {
  const int64_t length = alphabet.event_size(), symbols = alphabet.symbols();
  const auto count = static_cast<int64_t>(std::pow(symbols, length) + 0.5);
  Tensor left = at::arange(count, at::kLong), nodes = at::empty({count, length}, kFloat64);
  for (int64_t i = 0; i < length; ++i) {
    nodes.select(1, i).copy_(left.remainder(symbols));
    left = left.div(symbols, "floor");
  }
  return {nodes, at::ones({count}, kFloat64)};
}

Rule rule(const Space& space, int64_t n) {
  if (const auto* alphabet = dynamic_cast<const Alphabet*>(&space)) return words(*alphabet);
  const std::string name = space.describe();
  if (name == "S^2") {  // equal areas: the height is uniform (Archimedes)
    Rule cylinder = product(midpoints(-1, 1, n), midpoints(-M_PI, M_PI, 2 * n), 4 * M_PI);
    const Tensor z = cylinder.nodes.select(1, 0), angle = cylinder.nodes.select(1, 1), r = (1 - z * z).sqrt();
    return {at::stack({r * angle.cos(), r * angle.sin(), z}, 1), cylinder.weights};
  }
  if (name == "T^2") return product(midpoints(-M_PI, M_PI, 2 * n), midpoints(-M_PI, M_PI, 2 * n), 4 * M_PI * M_PI);
  if (name == "SO(3)") {  // Euler angles a, b, c have the volume element d(cos b) da dc
    const Rule turns = product(midpoints(-M_PI, M_PI, n / 3), midpoints(-M_PI, M_PI, n / 3), 1);
    const Tensor b = midpoints(-1, 1, n / 2).acos() / 2;
    const Tensor a = turns.nodes.repeat({b.size(0), 1}) / 2, half_b = b.repeat_interleave(turns.nodes.size(0));
    const Tensor sum = a.sum(1), difference = a.select(1, 0) - a.select(1, 1), c = half_b.cos(), s = half_b.sin();
    const Tensor q = at::stack({c * sum.cos(), s * difference.sin(), s * difference.cos(), c * sum.sin()}, 1);
    return {rotation_from_quaternion(q),
            at::full({q.size(0)}, 8 * M_PI * M_PI / static_cast<double>(q.size(0)), kFloat64)};
  }
  const double half = name == "T^1" ? M_PI : 12;
  EXPECT_TRUE(name == "T^1" || name == "R^1") << "no quadrature for " << name;
  return {midpoints(-half, half, 4 * n).unsqueeze(1),
          at::full({4 * n}, 2 * half / static_cast<double>(4 * n), kFloat64)};
}

class BaselineLaws : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const BaselineCase options = read_case<BaselineCase>(GetParam());
    ASSERT_EQ(options.baseline.name(), GetParam().name);
    baseline_ = options.baseline.make();
    for (const auto& space : options.spaces.items) spaces_.push_back(space.make());
    splits_ = {rows(40, "train"), rows(15, "validation"), rows(10, "test"), 0, 0, {}};
    if (options.dataset) splits_.origin = options.dataset.make({spaces_, "", {}});
    ASSERT_TRUE(baseline_->applies(spaces_, splits_));
  }
  Table rows(int64_t n, const char* purpose) const {
    Rng rng(4, purpose);
    Table table;
    for (const SpacePtr& space : spaces_) table.x.push_back(space->sample(n, rng, kFloat64));
    return table;
  }
  Tensor log_density(const State& x) const { return baseline_->log_density(spaces_, splits_, x); }

  std::shared_ptr<Baseline> baseline_;
  Spaces spaces_;
  Splits splits_;
};

TEST_P(BaselineLaws, 1_IntegratesToOne) {
  State nodes;
  Tensor weights = at::ones({1}, kFloat64);
  for (const SpacePtr& space : spaces_) {
    const Rule next = rule(*space, spaces_.size() == 1 ? 90 : 32);
    const int64_t before = weights.size(0), now = next.weights.size(0);
    for (Tensor& x : nodes) x = x.repeat_interleave(now, 0);
    Shape times(static_cast<std::size_t>(next.nodes.dim()), 1);
    times[0] = before;
    nodes.push_back(next.nodes.repeat(times));
    weights = weights.repeat_interleave(now) * next.weights.repeat({before});
  }
  EXPECT_NEAR((log_density(nodes).exp() * weights).sum().item<double>(), 1, 1e-3);
}

TEST_P(BaselineLaws, 2_NeverSeesTheTestRows) {
  const State x = rows(6, "elsewhere").x;
  const Tensor before = log_density(x);
  splits_.test = rows(10, "other test");
  EXPECT_TRUE(before.equal(log_density(x)));
}

TEST_P(BaselineLaws, RowsDoNotAffectEachOther) {
  const State x = rows(6, "elsewhere").x;
  State last, none;
  for (const Tensor& factor : x) {
    last.push_back(factor.narrow(0, 5, 1));
    none.push_back(factor.narrow(0, 0, 0));
  }
  const Tensor all = log_density(x), one = log_density(last);
  EXPECT_EQ(all.scalar_type(), at::kDouble);
  ASSERT_EQ(one.sizes(), (Shape{1}));
  EXPECT_NEAR(one[0].item<double>(), all[5].item<double>(), 1e-12 * (1 + std::abs(all[5].item<double>())));
  EXPECT_EQ(log_density(none).numel(), 0);
}

INSTANTIATE_TEST_SUITE_P(Baselines, BaselineLaws, testing::ValuesIn(cases("baseline")),
                         [](const auto& info) { return info.param.label; });

}  // namespace
}  // namespace genmatch
