#include "core/learn/activation.h"

#include <array>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

// Klambauer et al. 2017, arXiv 1706.02515.
constexpr double kSeluAlpha = 1.6732632423543772848, kSeluScale = 1.0507009873554804934;
// Above this ln(1 + e^z) is z to double precision; e^z does not overflow in float below it.
constexpr double kSoftplusThreshold = 40;

const std::array<Activation, 5> kActivations{{
    {"silu", [](const Tensor& z) { return at::silu(z); }, [](Tensor& z) { at::silu_(z); },
     [](const Tensor& z, const Tensor& value) { return value + at::sigmoid(z) * (1 - value); },
     [](const Tensor& gradient, const Tensor& z) { return at::silu_backward(gradient, z); }},
    {"selu", [](const Tensor& z) { return at::selu(z); }, [](Tensor& z) { at::selu_(z); },
     [](const Tensor& z, const Tensor& value) {
       return at::where(z > 0, at::full({}, kSeluScale, z.options()), value + kSeluAlpha * kSeluScale);
     },
     [](const Tensor& gradient, const Tensor& z) {
       return at::elu_backward(gradient, kSeluAlpha, kSeluScale, 1, /*is_result=*/false, z);
     }},
    {"tanh", [](const Tensor& z) { return at::tanh(z); }, [](Tensor& z) { at::tanh_(z); },
     [](const Tensor&, const Tensor& value) { return 1 - value * value; },
     [](const Tensor& gradient, const Tensor& z) { return at::tanh_backward(gradient, at::tanh(z)); }},
    {"sin", [](const Tensor& z) { return at::sin(z); }, [](Tensor& z) { at::sin_(z); },
     [](const Tensor& z, const Tensor&) { return at::cos(z); },
     [](const Tensor& gradient, const Tensor& z) { return at::cos(z).mul_(gradient); }},
    {"softplus", [](const Tensor& z) { return at::softplus(z, 1, kSoftplusThreshold); },
     [](Tensor& z) { at::softplus_out(z, z, 1, kSoftplusThreshold); },
     [](const Tensor& z, const Tensor&) { return at::sigmoid(z); },
     [](const Tensor& gradient, const Tensor& z) { return at::sigmoid(z).mul_(gradient); }},
}};

}  // namespace

double Activation::gain() const {
  // The midpoint rule in the probability of z.
  constexpr int64_t kNodes = 10000;
  const Tensor p = (at::arange(kNodes, at::kDouble) + 0.5) / kNodes;
  const Tensor z = std::sqrt(2.0) * at::erfinv(2 * p - 1);
  return 1 / std::sqrt(value(z).square().mean().item<double>());
}

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (const Activation& a : kActivations) names.emplace_back(a.name);
  return names;
}

const Activation& activation(const std::string& name) {
  for (const Activation& a : kActivations)
    if (a.name == name) return a;
  throw ContractError("activation: there is none named \"" + name + "\"");
}

}  // namespace genmatch
