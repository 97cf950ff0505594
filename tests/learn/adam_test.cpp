// The only file that sees torch/torch.h: LibTorch's optimisers are the oracle.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "core/errors.h"
#include "core/learn/optimizer.h"
#include "core/rng.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using learn_test::choose;
using learn_test::difference;

constexpr int kSteps = 50;

std::shared_ptr<Optimizer> optimizer(const std::string& yaml) { return choose<OptimizerChoice>(yaml).make(); }

// Larger than a chunk, so that the seams between chunks are seen.
Parameters parameters() {
  return Parameters({{"w", Rng(1, "w").normal({200, 101}, at::kDouble)}, {"b", Rng(1, "b").normal({7}, at::kDouble)}});
}

Tensor gradient(const Tensor& like, int step) {
  return Rng(2, "gradient", static_cast<uint64_t>(step)).normal({like.numel()}, at::kDouble) + like.detach();
}

void run(Optimizer& method, Parameters& p, int from, int to) {
  for (int i = from; i < to; ++i) {
    p.gradients().copy_(gradient(p.values(), i));
    method.step(p, 0.01 / (1 + i));
  }
}

// The oracle's weights after the same gradients; it wants them as one leaf.
template <class Method, class Options>
Tensor oracle(Options options) {
  Tensor w = parameters().values().clone().requires_grad_(true);
  Method method(std::vector<Tensor>{w}, options);
  for (int i = 0; i < kSteps; ++i) {
    w.mutable_grad() = gradient(w, i);
    static_cast<Options&>(method.param_groups()[0].options()).lr(0.01 / (1 + i));
    method.step();
  }
  return w.detach();
}

TEST(Adam, AgreesWithLibTorch) {
  Parameters p = parameters();
  run(*optimizer("{type: adam, beta1: 0.8, beta2: 0.95, epsilon: 1e-6}"), p, 0, kSteps);
  const Tensor expected =
      oracle<torch::optim::Adam>(torch::optim::AdamOptions().betas(std::make_tuple(0.8, 0.95)).eps(1e-6));
  EXPECT_LT(difference(p.values(), expected), 1e-12);
}

TEST(Adam, AgreesWithLibTorchWithWeightDecay) {
  Parameters p = parameters();
  run(*optimizer("{type: adam, weight_decay: 0.3}"), p, 0, kSteps);
  EXPECT_LT(difference(p.values(), oracle<torch::optim::Adam>(torch::optim::AdamOptions().weight_decay(0.3))), 1e-12);
}

TEST(AdamW, AgreesWithLibTorch) {
  Parameters p = parameters();
  run(*optimizer("{type: adamw, weight_decay: 0.3}"), p, 0, kSteps);
  EXPECT_LT(difference(p.values(), oracle<torch::optim::AdamW>(torch::optim::AdamWOptions().weight_decay(0.3))), 1e-12);
}

TEST(Adam, DoesNotDependOnTheNumberOfThreads) {
  const int before = at::get_num_threads();
  std::vector<Tensor> results;
  for (const int threads : {1, 2}) {
    at::set_num_threads(threads);
    Parameters p = parameters();
    run(*optimizer("adam"), p, 0, 5);
    results.push_back(p.values());
  }
  at::set_num_threads(before);
  EXPECT_TRUE(at::equal(results[0], results[1]));
}

TEST(Adam, RefusesAStateThatLacksSomething) {
  const auto method = optimizer("adam");
  EXPECT_THROW(method->restore({}), ContractError);
  EXPECT_THROW(method->restore({{"step", at::full({}, 3, at::kLong)}}), ContractError);
}

}  // namespace
}  // namespace genmatch
