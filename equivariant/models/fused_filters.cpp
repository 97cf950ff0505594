#include "equivariant/models/fused_filters.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/ops.h"
#include "equivariant/models/fused_rows.h"

namespace genmatch {
namespace {

constexpr int64_t block_rows = 96;  // pairs whose filters stay in the second cache

Tensor plain(const Tensor& x) { return x.defined() ? x.detach().contiguous() : x; }

// One particle's scalars and vectors; vectors may be null.
struct Particle {
  float *scalars, *vectors;
};

// The particles of one cloud.
struct Cloud {
  RowsOf scalars, vectors;
  Cloud(const FusedFilters::Values& v, int64_t first, int64_t scalars_size, int64_t vectors_size)
      : scalars(v.scalars, scalars_size, first), vectors(v.vectors, vectors_size, first) {}
  Particle operator[](int64_t i) const { return {scalars[i], vectors ? vectors[i] : nullptr}; }
};

void add_product(float* to, const float* a, const float* b, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += a[k] * b[k];
}

// Of a pair i < j, as the one that hears sees it: `toward` is (x_i - x_j) / (1 + d), the sign 1 for i and -1 for j.
struct Ear {
  const float *filter, *toward;
  float sign;
  int64_t width, dim;
  Ear other() const { return {filter, toward, -sign, width, dim}; }
};

// heard += what `said` gives through the filter.
void hear(const Ear& ear, Particle said, Particle heard) {
  const int64_t f = ear.width;
  add_product(heard.scalars, said.scalars, ear.filter, f);
  std::array<float, 128> b{}, c{};
  for (int64_t k = 0; k < f; ++k) b[k] = said.scalars[f + k] * ear.filter[f + k];
  for (int64_t k = 0; k < f; ++k) c[k] = said.scalars[2 * f + k] * ear.filter[2 * f + k];
  for (int64_t d = 0; d < ear.dim; ++d) {
    add_scaled(heard.vectors + d * f, ear.sign * ear.toward[d], c.data(), f);
    if (said.vectors != nullptr) add_product(heard.vectors + d * f, b.data(), said.vectors + d * f, f);
  }
}

// From the gradient of what is heard to those of what is said and of the filter.
void hear_backward(const Ear& ear, Particle said, Particle heard_gradient, Particle said_gradient,
                   float* filter_gradient) {
  const int64_t f = ear.width;
  std::array<float, 128> b{}, c{};
  for (int64_t d = 0; d < ear.dim; ++d) {
    const float* const wanted = heard_gradient.vectors + d * f;
    add_scaled(c.data(), ear.sign * ear.toward[d], wanted, f);
    if (said.vectors == nullptr) continue;
    add_product(b.data(), wanted, said.vectors + d * f, f);
    float* const to = said_gradient.vectors + d * f;
    for (int64_t k = 0; k < f; ++k) to[k] += wanted[k] * said.scalars[f + k] * ear.filter[f + k];
  }
  const float* const wanted[] = {heard_gradient.scalars, b.data(), c.data()};
  for (int64_t part = 0; part < 3; ++part) {
    add_product(said_gradient.scalars + part * f, wanted[part], ear.filter + part * f, f);
    add_product(filter_gradient + part * f, wanted[part], said.scalars + part * f, f);
  }
}

// heard += the derivative of what is heard, along that of the ear and of what is said. Null vectors are zero.
void hear_along(const Ear& ear, const Ear& ear_along, Particle said, Particle said_along, Particle heard) {
  const int64_t f = ear.width;
  std::array<std::array<float, 128>, 2> value, change;  // b, c
  for (int64_t k = 0; k < f; ++k)
    heard.scalars[k] += said_along.scalars[k] * ear.filter[k] + said.scalars[k] * ear_along.filter[k];
  for (std::size_t part = 0; part < 2; ++part) {
    const int64_t first = (static_cast<int64_t>(part) + 1) * f;
    for (int64_t k = 0; k < f; ++k) {
      const float w = ear.filter[first + k], s = said.scalars[first + k];
      value[part][k] = s * w;
      change[part][k] = said_along.scalars[first + k] * w + s * ear_along.filter[first + k];
    }
  }
  for (int64_t d = 0; d < ear.dim; ++d) {
    float* const to = heard.vectors + d * f;
    add_scaled(to, ear.sign * ear.toward[d], change[1].data(), f);
    add_scaled(to, ear.sign * ear_along.toward[d], value[1].data(), f);
    if (said.vectors != nullptr) add_product(to, change[0].data(), said.vectors + d * f, f);
    if (said_along.vectors != nullptr) add_product(to, value[0].data(), said_along.vectors + d * f, f);
  }
}

}  // namespace

struct FusedFilters::Pairs {
  int64_t cloud, first, count;    // the pairs
  const float *filters, *slopes;  // [count, row]; slopes: by the squared distance
  int64_t row, part;
};

FusedFilters::FusedFilters(const Dual& x, const Tensor& presence, const RadialFeatures& features,
                           const DenseKernels& kernels)
    : kernels_(kernels),
      x_(plain(x.value)),
      along_(plain(x.derivative)),
      clouds_(x.value.size(0)),
      particles_(x.value.size(1)),
      dim_(x.value.size(2)),
      count_(features.count),
      pairs_(particles_ * (particles_ - 1) / 2) {
  for (int32_t i = 0; i < particles_; ++i)
    for (int32_t j = i + 1; j < particles_; ++j) {
      first_.push_back(i);
      second_.push_back(j);
    }
  const auto all = static_cast<std::size_t>(clouds_ * pairs_);
  radial_.resize(all * static_cast<std::size_t>(count_));
  if (has_directions()) slope_.resize(radial_.size());
  apart_.resize(all * static_cast<std::size_t>(dim_));
  toward_.resize(apart_.size());
  inverse_.resize(all);
  inverse_slope_.resize(all);
  describe(x_.data_ptr<float>(), presence.defined() ? presence.data_ptr<float>() : nullptr, features);
}

void FusedFilters::describe(const float* x, const float* presence, const RadialFeatures& features) {
  const float scale = 1 / std::sqrt(std::max(1.0F, static_cast<float>(particles_ - 1)));
  const auto spacing = static_cast<float>(features.spacing());
  for (int64_t cloud = 0; cloud < clouds_; ++cloud)
    for (int64_t p = 0; p < pairs_; ++p) {
      const int64_t pair = cloud * pairs_ + p;
      const float* const xi = x + (cloud * particles_ + first_[p]) * dim_;
      const float* const xj = x + (cloud * particles_ + second_[p]) * dim_;
      float *const apart = &apart_[pair * dim_], *const toward = &toward_[pair * dim_];
      float square = 0;
      for (int64_t d = 0; d < dim_; ++d) {
        apart[d] = xi[d] - xj[d];
        square += apart[d] * apart[d];
      }
      const float distance = std::sqrt(square + static_cast<float>(meeting)), inverse = 1 / (1 + distance);
      for (int64_t d = 0; d < dim_; ++d) toward[d] = apart[d] * inverse;
      inverse_[pair] = inverse;
      inverse_slope_[pair] = -0.5F * inverse * inverse / distance;
      const auto absent = [&](int32_t i) { return presence != nullptr && presence[cloud * particles_ + i] == 0; };
      if (absent(first_[p]) || absent(second_[p])) continue;  // no features: a filter of zero
      kernels_.radial_basis(distance, spacing, scale, static_cast<int32_t>(count_), &radial_[pair * count_],
                            has_directions() ? &slope_[pair * count_] : nullptr);
    }
}

// Blocks of pairs with their filters; all of a cloud's in one thread.
template <class Work>
void FusedFilters::for_pairs(const Tensor& filter, bool slopes, const Work& work) const {
  const at::NoGradGuard no_grad;
  const std::vector<float> weight = padded_rows(filter, kernels_.padding);
  const int64_t row = padded(filter.size(1), kernels_.padding), count = std::min(parts, clouds_);
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> filters(static_cast<std::size_t>(block_rows * row)), changes(slopes ? filters.size() : 0);
    const auto fill = [&](const std::vector<float>& features, int64_t first, int64_t rows, std::vector<float>& to) {
      kernels_.product(&features[static_cast<std::size_t>(first * count_)], count_, 1, weight.data(),
                       static_cast<int32_t>(rows), static_cast<int32_t>(count_), static_cast<int32_t>(row), to.data(),
                       false);
    };
    for (int64_t part = begin; part < end; ++part)
      for (int64_t cloud = part * clouds_ / count; cloud < (part + 1) * clouds_ / count; ++cloud)
        for (int64_t first = 0; first < pairs_; first += block_rows) {
          const int64_t rows = std::min(block_rows, pairs_ - first);
          fill(radial_, cloud * pairs_ + first, rows, filters);
          if (slopes) fill(slope_, cloud * pairs_ + first, rows, changes);
          work(Pairs{cloud, first, rows, filters.data(), changes.data(), row, part});
        }
  });
}

FusedFilters::Values FusedFilters::forward(const Tensor& filter, const Values& said) const {
  const int64_t n = particles_, f = filter.size(1) / 3;
  const Values heard{at::zeros({clouds_, n, f}, at::kFloat), at::zeros({clouds_, n, dim_, f}, at::kFloat)};
  for_pairs(filter, false, [&](const Pairs& pairs) {
    const Cloud from(said, pairs.cloud * n, 3 * f, dim_ * f), to(heard, pairs.cloud * n, f, dim_ * f);
    for (int64_t r = 0; r < pairs.count; ++r) {
      const int64_t p = pairs.first + r, i = first_[p], j = second_[p];
      const Ear ear{pairs.filters + r * pairs.row, &toward_[(pairs.cloud * pairs_ + p) * dim_], 1, f, dim_};
      hear(ear, from[j], to[i]);
      hear(ear.other(), from[i], to[j]);
    }
  });
  return heard;
}

std::pair<FusedFilters::Values, Tensor> FusedFilters::backward(const Tensor& filter, const Values& said,
                                                               const Values& gradient) const {
  const int64_t n = particles_, f = filter.size(1) / 3;
  const Values back{at::zeros_like(said.scalars), said.vectors.defined() ? at::zeros_like(said.vectors) : Tensor()};
  const int64_t row = padded(filter.size(1), kernels_.padding);
  const Tensor sums = at::zeros({parts, count_, row}, at::kFloat);
  for_pairs(filter, false, [&](const Pairs& pairs) {
    const Cloud from(said, pairs.cloud * n, 3 * f, dim_ * f), to(back, pairs.cloud * n, 3 * f, dim_ * f),
        wanted(gradient, pairs.cloud * n, f, dim_ * f);
    std::vector<float> of_filters(static_cast<std::size_t>(pairs.count * row), 0.0F);
    for (int64_t r = 0; r < pairs.count; ++r) {
      const int64_t p = pairs.first + r, i = first_[p], j = second_[p];
      const Ear ear{pairs.filters + r * row, &toward_[(pairs.cloud * pairs_ + p) * dim_], 1, f, dim_};
      float* const of_filter = &of_filters[static_cast<std::size_t>(r * row)];
      hear_backward(ear, from[j], wanted[i], to[j], of_filter);
      hear_backward(ear.other(), from[i], wanted[j], to[i], of_filter);
    }
    const auto first = static_cast<std::size_t>((pairs.cloud * pairs_ + pairs.first) * count_);
    kernels_.product(&radial_[first], 1, count_, of_filters.data(), static_cast<int32_t>(count_),
                     static_cast<int32_t>(pairs.count), static_cast<int32_t>(row),
                     sums.data_ptr<float>() + pairs.part * count_ * row, true);
  });
  return {back, sums.sum(0).narrow(1, 0, 3 * f).contiguous()};
}

FusedFilters::Values FusedFilters::jvp(const Tensor& filter, const Values& said, const Values& along) const {
  const int64_t n = particles_, f = filter.size(1) / 3, directions = along_.size(0);
  const Values heard{at::zeros({directions, clouds_, n, f}, at::kFloat),
                     at::zeros({directions, clouds_, n, dim_, f}, at::kFloat)};
  for_pairs(filter, true, [&](const Pairs& pairs) {
    const Cloud from(said, pairs.cloud * n, 3 * f, dim_ * f);
    std::vector<float> of_filter(static_cast<std::size_t>(pairs.row)), of_toward(static_cast<std::size_t>(dim_));
    for (int64_t k = 0; k < directions; ++k) {
      const int64_t here = (k * clouds_ + pairs.cloud) * n;
      const Cloud from_along(along, here, 3 * f, dim_ * f), to(heard, here, f, dim_ * f);
      const RowsOf dx(along_, dim_, here);
      for (int64_t r = 0; r < pairs.count; ++r) {
        const int64_t p = pairs.first + r, pair = pairs.cloud * pairs_ + p, i = first_[p], j = second_[p];
        const float* const apart = &apart_[pair * dim_];
        float square = 0;
        for (int64_t d = 0; d < dim_; ++d) square += 2 * apart[d] * (dx[i][d] - dx[j][d]);
        for (int64_t d = 0; d < dim_; ++d)
          of_toward[d] = (dx[i][d] - dx[j][d]) * inverse_[pair] + apart[d] * inverse_slope_[pair] * square;
        for (int64_t c = 0; c < 3 * f; ++c) of_filter[c] = pairs.slopes[r * pairs.row + c] * square;
        const Ear ear{pairs.filters + r * pairs.row, &toward_[pair * dim_], 1, f, dim_},
            change{of_filter.data(), of_toward.data(), 1, f, dim_};
        hear_along(ear, change, from[j], from_along[j], to[i]);
        hear_along(ear.other(), change, from[i], from_along[i], to[j]);
      }
    }
  });
  return heard;
}

}  // namespace genmatch
