#include <ATen/Parallel.h>

#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/learn/optimizer.h"
#include "core/ops.h"

namespace genmatch {
namespace {

struct AdamOptions {
  double rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  void fields(Fields& f) {
    f("rate", rate, "largest learning rate", above(0));
    f("beta1", beta1, "decay of the mean gradient per step", at_least(0) & below(1));
    f("beta2", beta2, "decay of the mean squared gradient per step", at_least(0) & below(1));
    f("epsilon", epsilon, "added to the root of the mean squared gradient", above(0));
    f("weight_decay", weight_decay, "pull of the weights towards zero", at_least(0));
  }
};

// Adam couples the decay with the gradient's statistics, AdamW takes it off the weights directly.
class AnyAdam : public Optimizer {
 public:
  AnyAdam(const AdamOptions& options, bool decoupled) : options_(options), decoupled_(decoupled) {}

  double rate() const override { return options_.rate; }

  void step(Parameters& parameters, double rate) override {
    if (parameters.size() == 0) return;
    at::NoGradGuard no_grad;
    if (!mean_.defined()) {
      mean_ = at::zeros_like(parameters.values());
      square_ = at::zeros_like(parameters.values());
    }
    if (mean_.sizes() != parameters.values().sizes())
      throw ContractError("optimizer: expected " + std::to_string(mean_.numel()) + " parameters, got " +
                          std::to_string(parameters.size()));
    ++steps_;
    // Chunks that stay in the cache through all passes; fixed, so that the result does not depend on the threads.
    constexpr int64_t kChunk = 16384;
    const int64_t size = parameters.size(), chunk = mean_.is_cpu() ? kChunk : size;
    at::parallel_for(0, (size + chunk - 1) / chunk, 1, [&](int64_t begin, int64_t end) {
      at::NoGradGuard no_grad_in_thread;
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = i * chunk, length = std::min(chunk, size - at);
        update(parameters.values().narrow(0, at, length), parameters.gradients().narrow(0, at, length),
               mean_.narrow(0, at, length), square_.narrow(0, at, length), rate);
      }
    });
  }

  std::map<std::string, Tensor> state() override {
    std::map<std::string, Tensor> all{{"step", at::full({}, steps_, at::kLong)}};
    if (mean_.defined()) {
      all["exp_avg"] = mean_;
      all["exp_avg_sq"] = square_;
    }
    return all;
  }

  void restore(const std::map<std::string, Tensor>& state) override {
    const auto step = state.find("step"), mean = state.find("exp_avg"), square = state.find("exp_avg_sq");
    if (step == state.end()) throw ContractError("optimizer: the state has no \"step\"");
    steps_ = step->second.item<int64_t>();
    if (steps_ > 0 && (mean == state.end() || square == state.end()))
      throw ContractError("optimizer: the state lacks \"exp_avg\" or \"exp_avg_sq\"");
    mean_ = mean == state.end() ? Tensor() : mean->second.clone();
    square_ = square == state.end() ? Tensor() : square->second.clone();
  }

 private:
  void update(Tensor value, Tensor gradient, Tensor mean, Tensor square, double rate) const {
    const double decay = options_.weight_decay;
    if (decay != 0 && decoupled_) value.mul_(1 - rate * decay);
    if (decay != 0 && !decoupled_) gradient = gradient.add(value, decay);
    mean.lerp_(gradient, 1 - options_.beta1);
    square.mul_(options_.beta2).addcmul_(gradient, gradient, 1 - options_.beta2);
    const double steps = static_cast<double>(steps_);
    const double mean_share = 1 - std::pow(options_.beta1, steps), square_share = 1 - std::pow(options_.beta2, steps);
    const Tensor deviation = square.sqrt().div_(std::sqrt(square_share)).add_(options_.epsilon);
    value.addcdiv_(mean, deviation, -rate / mean_share);
  }

  AdamOptions options_;
  bool decoupled_;
  int64_t steps_ = 0;
  Tensor mean_, square_;
};

struct Adam final : AnyAdam {
  using Options = AdamOptions;
  explicit Adam(const Options& options) : AnyAdam(options, false) {}
};

struct AdamW final : AnyAdam {
  struct Options : AdamOptions {
    Options() { weight_decay = 0.01; }
  };
  explicit AdamW(const Options& options) : AnyAdam(options, true) {}
};

}  // namespace

void add_adam(Catalog& c) {
  c.optimizers.add<Adam>("adam",
                         {"Steps scaled by running moments of the gradient.", "Kingma & Ba 2015, arXiv 1412.6980"});
  c.optimizers.add<AdamW>("adamw", {"Adam with decoupled weight decay.", "Loshchilov & Hutter 2019, arXiv 1711.05101"});
}

}  // namespace genmatch
