// Law 2 of core/learn/optimizer.h for every registered optimiser; law 1 is in tests/learn/adam_test.cpp.
#include "core/learn/optimizer.h"

#include <gtest/gtest.h>

#include "core/errors.h"
#include "core/rng.h"
#include "tests/conformance/cases.h"

namespace genmatch {
namespace {

class OptimizerLaws : public testing::TestWithParam<TypedCase> {
 protected:
  std::shared_ptr<Optimizer> make() const { return read_component<OptimizerChoice>(GetParam().c).make(); }
  Parameters parameters() const {
    Rng rng(1, "optimizer laws");
    return Parameters({{"w", rng.normal({5, 3}, GetParam().dtype)}, {"b", rng.normal({3}, GetParam().dtype)}});
  }
  // Steps down a bowl around one.
  static void run(Optimizer& optimizer, Parameters& p, int steps) {
    for (int i = 0; i < steps; ++i) {
      p.gradients().copy_(p.values() - 1);
      optimizer.step(p, optimizer.rate());
    }
  }
};

TEST_P(OptimizerLaws, 2_RestoredStateGoesOnBitForBit) {
  for (const int before : {0, 1, 7}) {
    const auto first = make(), second = make();
    Parameters a = parameters(), b = parameters();
    run(*first, a, before);
    std::map<std::string, Tensor> saved;
    for (const auto& [name, value] : first->state()) saved[name] = value.clone();
    b.assign(a.values());
    run(*first, a, 5);
    second->restore(saved);
    run(*second, b, 5);
    EXPECT_TRUE(at::equal(a.values(), b.values())) << "after " << before << " steps";
  }
}

TEST_P(OptimizerLaws, 2_RestoringCopies) {
  const auto first = make(), second = make();
  Parameters a = parameters(), b = parameters();
  run(*first, a, 3);
  second->restore(first->state());
  b.assign(a.values());
  run(*first, a, 1);
  const Tensor once = a.values().clone();
  run(*first, a, 3);
  run(*second, b, 1);
  EXPECT_TRUE(at::equal(b.values(), once));
}

TEST_P(OptimizerLaws, GoesDownhill) {
  const auto optimizer = make();
  Parameters p = parameters();
  const auto height = [&] { return (p.values() - 1).square().sum().item<double>(); };
  const double start = height();
  run(*optimizer, p, 20);
  EXPECT_LT(height(), start);
  EXPECT_GT(optimizer->rate(), 0);
}

TEST_P(OptimizerLaws, NoParametersAndOtherParameters) {
  const auto optimizer = make();
  Parameters none, p = parameters(), other({{"w", at::zeros({2}, GetParam().dtype)}});
  optimizer->step(none, 0.1);
  run(*optimizer, p, 1);
  EXPECT_THROW(optimizer->step(other, 0.1), ContractError);
}

INSTANTIATE_TEST_SUITE_P(Cases, OptimizerLaws, testing::ValuesIn(typed_cases("optimizer")), label);

}  // namespace
}  // namespace genmatch
