#include "core/learn/fused_stack.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/learn/padded_rows.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr int64_t widest = 192;
constexpr int32_t block = 96;  // rows: a multiple of those of the product's tiles

std::optional<Nonlinearity> kernel_of(const Activation* activation) {
  if (activation == nullptr) return Nonlinearity::identity;
  const std::string name = activation->name;
  if (name == "silu") return Nonlinearity::silu;
  if (name == "selu") return Nonlinearity::selu;
  if (name == "tanh") return Nonlinearity::tanh;
  return std::nullopt;
}

// Rows of `from` into rows `stride` long, the rest of which is left.
void copy_rows(const float* from, int64_t rows, int64_t columns, int64_t from_stride, int64_t stride, float* to) {
  for (int64_t i = 0; i < rows; ++i) std::copy_n(from + i * from_stride, columns, to + i * stride);
}

}  // namespace

bool FusedStack::takes(const std::vector<DenseLayer>& layers) {
  return std::all_of(layers.begin(), layers.end(), [&](const DenseLayer& layer) {
    const bool single = layer.weight.scalar_type() == at::kFloat && layer.weight.device().is_cpu();
    return single && layer.weight.size(1) <= widest && !layer.gain.defined() && kernel_of(layer.activation) &&
           (layer.activation != nullptr) == (&layer != &layers.back()) &&
           !(layer.residual && &layer == &layers.front());
  });
}

FusedStack::FusedStack(const std::vector<DenseLayer>& layers, bool keep, const DenseKernels& kernels)
    : kernels_(kernels), keep_(keep) {
  const int32_t unit = kernels.padding;
  layers_.reserve(layers.size());
  for (const DenseLayer& layer : layers) {
    const int64_t in = layer.weight.size(0), out = layer.weight.size(1);
    layers_.push_back({static_cast<int32_t>(in),
                       static_cast<int32_t>(out),
                       padded(in, unit),
                       padded(out, unit),
                       *kernel_of(layer.activation),
                       layer.residual,
                       padded_rows(layer.weight, unit),
                       keep ? padded_rows(layer.weight.t(), unit) : std::vector<float>(),
                       padded_rows(layer.bias.unsqueeze(0), unit),
                       {},
                       {}});
  }
}

Tensor FusedStack::forward(const Tensor& input) {
  input_ = input.detach().contiguous();
  const int64_t total = input_.size(0);
  int32_t most = 0;
  for (Layer& layer : layers_) {
    most = std::max(most, layer.padded_out);
    if (!keep_ || &layer == &layers_.back()) continue;
    layer.value = at::empty({total, layer.padded_out}, input_.options());
    layer.slope = at::empty_like(layer.value);
  }
  for (std::vector<float>& one : buffer_) one.resize(static_cast<std::size_t>(block) * static_cast<std::size_t>(most));
  const int64_t out = layers_.back().out;
  Tensor output = at::empty({total, out}, input_.options());
  for (int64_t first = 0; first < total; first += block) {
    const auto rows = static_cast<int32_t>(std::min<int64_t>(block, total - first));
    run_block(first, rows, output.data_ptr<float>() + first * out);
  }
  return output;
}

void FusedStack::run_block(int64_t first, int32_t rows, float* output) {
  const float* h = input_.data_ptr<float>() + first * input_.size(1);
  int64_t stride = input_.size(1);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    const bool last = i + 1 == layers_.size(), kept = keep_ && !last;
    float* const z = kept ? layer.value.data_ptr<float>() + first * layer.padded_out : buffer_[i % 2].data();
    float* const slope = kept ? layer.slope.data_ptr<float>() + first * layer.padded_out : nullptr;
    kernels_.product(h, stride, 1, layer.weight.data(), rows, layer.in, layer.padded_out, z, false);
    kernels_.activate(layer.phi, z, layer.bias.data(), rows, layer.padded_out, slope);
    if (layer.residual)
      for (int64_t k = 0; k < static_cast<int64_t>(rows) * layer.padded_out; ++k) z[k] += h[k];
    h = z;
    stride = layer.padded_out;
  }
  copy_rows(h, rows, layers_.back().out, stride, layers_.back().out, output);
}

std::vector<Tensor> FusedStack::backward(const Tensor& gradient) const {
  const Tensor g = gradient.contiguous();
  std::vector<std::vector<float>> weights, biases;  // padded sums over the blocks
  int32_t most = 0;
  for (const Layer& layer : layers_) {
    weights.emplace_back(layer.weight.size(), 0.0F);
    biases.emplace_back(layer.bias.size(), 0.0F);
    most = std::max(most, layer.padded_out);
  }
  std::vector<float> buffers[2];
  for (std::vector<float>& one : buffers) one.resize(static_cast<std::size_t>(block) * static_cast<std::size_t>(most));
  const int64_t total = g.size(0), out = layers_.back().out;
  for (int64_t first = 0; first < total; first += block) {
    const auto rows = static_cast<int32_t>(std::min<int64_t>(block, total - first));
    float *now = buffers[0].data(), *next = buffers[1].data();
    std::fill_n(now, static_cast<int64_t>(rows) * layers_.back().padded_out, 0.0F);
    copy_rows(g.data_ptr<float>() + first * out, rows, out, out, layers_.back().padded_out, now);
    for (std::size_t i = layers_.size(); i-- > 0;) {
      const Layer& layer = layers_[i];
      const float* const slope =
          layer.slope.defined() ? layer.slope.data_ptr<float>() + first * layer.padded_out : nullptr;
      const int64_t size = static_cast<int64_t>(rows) * layer.padded_out;
      if (layer.residual) std::copy_n(now, size, next);
      kernels_.chain(now, slope, rows, layer.padded_out, biases[i].data());
      const bool deepest = i == 0;
      const int64_t stride = deepest ? input_.size(1) : layers_[i - 1].padded_out;
      const float* const h = (deepest ? input_ : layers_[i - 1].value).data_ptr<float>() + first * stride;
      kernels_.product(h, 1, stride, now, layer.in, rows, layer.padded_out, weights[i].data(), true);
      if (deepest) break;
      kernels_.product(now, layer.padded_out, 1, layer.transposed.data(), rows, layer.out, layer.padded_in, next,
                       layer.residual);
      std::swap(now, next);
    }
  }
  std::vector<Tensor> results;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    results.push_back(unpadded_rows(weights[i], layer.in, layer.out));
    results.push_back(unpadded_rows(biases[i], 1, layer.out).squeeze(0));
  }
  return results;
}

}  // namespace genmatch
