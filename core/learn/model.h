#pragma once
#include <vector>

#include "core/config/catalog.h"
#include "core/learn/parameters.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace genmatch {

/// What a model is built for.
struct ModelContext {
  Spaces spaces;                    ///< of the factors: gives the features that go in
  std::vector<int64_t> head_sizes;  ///< numbers wanted per factor
  at::TensorOptions options;        ///< dtype and device
  uint64_t seed = 0;                ///< of the initial weights
};

struct ModelJvp {
  std::vector<Tensor> output;      ///< per factor [B, head]
  std::vector<Tensor> derivative;  ///< per factor [K, B, head]
};

/// A network v_theta(x, t). x is one [B, *event] per factor, t is [B].
/// Laws (tests/conformance/model_test.cpp): 1. shapes, also for B = 0 and 1; 2. rows do not affect each other;
/// 3. every parameter gets a gradient; 4. save and load; 5. jvp = autograd = finite differences.
class Model {
 public:
  virtual ~Model() = default;
  virtual std::vector<Tensor> forward(const State& x, const Tensor& t) const = 0;  ///< per factor [B, head]
  /// Output and its derivative along directions [K, B, *event]; no gradient flows to the parameters. The default
  /// uses autograd, twice in reverse mode.
  virtual ModelJvp jvp(const State& x, const Tensor& t, const State& directions) const;
  virtual Parameters& parameters() = 0;
};

}  // namespace genmatch
