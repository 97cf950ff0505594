#include "core/learn/padded_rows.h"

namespace genmatch {

int32_t padded(int64_t n, int32_t unit) { return static_cast<int32_t>((n + unit - 1) / unit * unit); }

std::vector<float> padded_rows(const Tensor& matrix, int32_t unit) {
  const at::NoGradGuard no_grad;
  const int64_t rows = matrix.size(0), columns = matrix.size(1), stride = padded(columns, unit);
  std::vector<float> all(static_cast<std::size_t>(rows * stride), 0.0F);
  at::from_blob(all.data(), {rows, stride}, at::kFloat).narrow(1, 0, columns).copy_(matrix);
  return all;
}

Tensor unpadded_rows(const std::vector<float>& padded, int64_t rows, int64_t columns) {
  const auto stride = static_cast<int64_t>(padded.size()) / rows;
  const Tensor all = at::from_blob(const_cast<float*>(padded.data()), {rows, stride}, at::kFloat);
  return all.narrow(1, 0, columns).clone(at::MemoryFormat::Contiguous);
}

}  // namespace genmatch
