#pragma once
#include <vector>

#include "core/learn/dense.h"
#include "core/learn/dense_kernels.h"

namespace genmatch {

/// A small dense stack in single precision on the CPU, whose rows go through all layers a block at a time while they
/// are in the cache: the same numbers as the layers one by one, to rounding, in a third of the time for widths around
/// 64. On one thread, as the work of a step is too little to share; wide layers are better off with the BLAS.
class FusedStack {
 public:
  /// Whether the stack is one: float32 on the CPU, at most 192 wide, no normalisation, an activation that has a kernel.
  static bool takes(const std::vector<DenseLayer>& layers);

  /// `keep`: what backward() needs is remembered. The weights are copied; the kernels are the best unless given.
  FusedStack(const std::vector<DenseLayer>& layers, bool keep, const DenseKernels& kernels = best_dense_kernels());

  /// input [B, in] float32 -> [B, out].
  Tensor forward(const Tensor& input);
  /// The gradients of weight and bias of each layer, in order, from that of the output [B, out] of the last forward.
  std::vector<Tensor> backward(const Tensor& gradient) const;

 private:
  struct Layer {
    int32_t in, out, padded_in, padded_out;
    Nonlinearity phi;
    bool residual;
    std::vector<float> weight, transposed, bias;  // padded with zeros: [in, padded_out], [out, padded_in], [padded_out]
    Tensor value, slope;                          // [B, padded_out], of hidden layers, if they are kept
  };
  void run_block(int64_t first, int32_t rows, float* output);

  const DenseKernels& kernels_;
  bool keep_;
  std::vector<Layer> layers_;
  Tensor input_;
  std::vector<float> buffer_[2];  // a block's values, where none are kept
};

}  // namespace genmatch
