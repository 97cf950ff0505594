#include "core/process/pairs.h"

#include <algorithm>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

Tensor Range::of(const Tensor& x, int64_t dim) const { return x.narrow(dim, begin, count); }

State Range::of(const State& x, int64_t dim) const {
  State part;
  for (const Tensor& one : x) part.push_back(of(one, dim));
  return part;
}

std::vector<Range> ranges(int64_t total, int64_t size) {
  std::vector<Range> all;
  for (int64_t begin = 0; begin < total; begin += size) all.push_back({begin, std::min(size, total - begin)});
  if (all.empty()) all.push_back({0, 0});
  return all;
}

Tensor repeat_rows(const Tensor& x, int64_t data) {
  Shape shape = x.sizes().vec();
  shape.insert(shape.begin() + 1, data);
  return x.unsqueeze(1).expand(shape).flatten(0, 1);
}

Tensor repeat_data(const Tensor& data, int64_t rows) {
  Shape shape = data.sizes().vec();
  shape.insert(shape.begin(), rows);
  return data.unsqueeze(0).expand(shape).flatten(0, 1);
}

Coefficients weighted_sum(const Tensor& weights, const Coefficients& c) {
  if (c.destinations.defined()) throw ContractError("weighted_sum: jumps with destinations have no mean over the data");
  const auto sum = [&](const Tensor& values) {
    if (!values.defined()) return values;
    Shape shape = values.sizes().vec();
    shape[0] = weights.size(0);
    const int64_t size = c10::multiply_integers(values.sizes().slice(1));
    const Tensor pairs = values.reshape({weights.size(0), weights.size(1), size});
    return weights.unsqueeze(1).bmm(pairs).reshape(shape);
  };
  return {sum(c.drift), sum(c.variance), sum(c.rates), {}};
}

Tensor joined(const std::vector<Tensor>& parts, int64_t dim) {
  return parts[0].defined() ? at::cat(parts, dim) : Tensor();
}

std::vector<Coefficients> joined(const std::vector<std::vector<Coefficients>>& parts) {
  std::vector<Coefficients> all(parts[0].size());
  for (std::size_t f = 0; f < all.size(); ++f) {
    for (Tensor Coefficients::*field : {&Coefficients::drift, &Coefficients::variance, &Coefficients::rates}) {
      std::vector<Tensor> column;
      for (const auto& part : parts) column.push_back(part[f].*field);
      all[f].*field = joined(column, 0);
    }
  }
  return all;
}

}  // namespace genmatch
