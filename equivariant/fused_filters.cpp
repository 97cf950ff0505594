#include "equivariant/fused_filters.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/numerics/vectors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr int64_t block_rows = 96;  // pairs whose filters stay in the second cache
constexpr int64_t parts = 16;       // of the clouds, to be shared out to threads
constexpr float epsilon = 1e-8F;    // as in radial_features.cpp
constexpr int32_t lanes = 2 * vector_width;

Tensor plain(const Tensor& x) { return x.defined() ? x.detach().contiguous() : x; }

float* at_row(const Tensor& x, int64_t row, int64_t size) {
  return x.defined() ? x.data_ptr<float>() + row * size : nullptr;
}

// One particle's scalars and vectors; vectors may be null.
struct Particle {
  float *scalars, *vectors;
};

// The particles of one cloud.
struct Cloud {
  float *scalars, *vectors;
  int64_t scalars_size, vectors_size;
  Cloud(const FusedFilters::Values& v, int64_t first, int64_t scalars_size, int64_t vectors_size)
      : scalars(at_row(v.scalars, first, scalars_size)),
        vectors(at_row(v.vectors, first, vectors_size)),
        scalars_size(scalars_size),
        vectors_size(vectors_size) {}
  Particle operator[](int64_t i) const {
    return {scalars + i * scalars_size, vectors == nullptr ? nullptr : vectors + i * vectors_size};
  }
};

void add_product(float* to, const float* a, const float* b, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += a[k] * b[k];
}
void add_scaled(float* to, float scale, const float* a, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += scale * a[k];
}

// Of a pair's filter, as the one that hears sees it: `toward` is (x_i - x_j) / (1 + d).
struct Ear {
  const float *filter, *toward;
  int64_t width, dim;
};

// heard += what `said` gives through the filter.
void hear(const Ear& ear, Particle said, Particle heard) {
  const int64_t f = ear.width;
  add_product(heard.scalars, said.scalars, ear.filter, f);
  std::array<float, 128> b{}, c{};
  for (int64_t k = 0; k < f; ++k) b[k] = said.scalars[f + k] * ear.filter[f + k];
  for (int64_t k = 0; k < f; ++k) c[k] = said.scalars[2 * f + k] * ear.filter[2 * f + k];
  for (int64_t d = 0; d < ear.dim; ++d) {
    add_scaled(heard.vectors + d * f, ear.toward[d], c.data(), f);
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
    add_scaled(c.data(), ear.toward[d], wanted, f);
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
    add_scaled(to, ear.toward[d], change[1].data(), f);
    add_scaled(to, ear_along.toward[d], value[1].data(), f);
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

FusedFilters::FusedFilters(const Dual& x, const RadialFeatures& features, const DenseKernels& kernels)
    : kernels_(kernels),
      x_(plain(x.value)),
      along_(plain(x.derivative)),
      clouds_(x.value.size(0)),
      particles_(x.value.size(1)),
      dim_(x.value.size(2)),
      count_(features.count),
      pairs_(particles_ * (particles_ - 1) / 2),
      scale_(1 / std::sqrt(static_cast<double>(std::max<int64_t>(1, particles_ - 1)))) {
  for (int32_t i = 0; i < particles_; ++i)
    for (int32_t j = i + 1; j < particles_; ++j) {
      first_.push_back(i);
      second_.push_back(j);
    }
  const auto all = static_cast<std::size_t>(clouds_ * pairs_);
  radial_.resize(all * static_cast<std::size_t>(count_));
  if (has_directions()) slope_.resize(radial_.size());
  apart_.resize(all * static_cast<std::size_t>(dim_));
  inverse_.resize(all);
  inverse_slope_.resize(all);
  describe(x_.data_ptr<float>(), features);
}

void FusedFilters::describe(const float* x, const RadialFeatures& features) {
  const auto scale = static_cast<float>(scale_),
             spacing = static_cast<float>(features.reach / static_cast<double>(std::max<int64_t>(1, count_ - 1)));
  for (int64_t cloud = 0; cloud < clouds_; ++cloud)
    for (int64_t p = 0; p < pairs_; ++p) {
      const int64_t pair = cloud * pairs_ + p;
      const float *const xi = x + (cloud * particles_ + first_[p]) * dim_, *const xj =
                                                                               x +
                                                                               (cloud * particles_ + second_[p]) * dim_;
      float square = 0;
      for (int64_t d = 0; d < dim_; ++d) {
        apart_[pair * dim_ + d] = xi[d] - xj[d];
        square += apart_[pair * dim_ + d] * apart_[pair * dim_ + d];
      }
      const float distance = std::sqrt(square + epsilon), inverse = 1 / (1 + distance);
      inverse_[pair] = inverse;
      inverse_slope_[pair] = -0.5F * inverse * inverse / distance;
      for (int64_t k = 0; k < count_; k += lanes) {
        const Floats number = __builtin_convertvector(lane_numbers() + static_cast<int32_t>(k), Floats);
        const Floats off = distance / spacing - number, value = scale * exponential(-0.5F * off * off);
        const Floats change = -off * value / (2 * spacing * distance);
        const int64_t here = std::min<int64_t>(lanes, count_ - k);
        for (int64_t l = 0; l < here; ++l) radial_[pair * count_ + k + l] = value[l];
        if (has_directions())
          for (int64_t l = 0; l < here; ++l) slope_[pair * count_ + k + l] = change[l];
      }
    }
}

FusedFilters::Sizes FusedFilters::sizes(const Tensor& filter) const {
  return {clouds_, particles_, dim_, filter.size(1) / 3};
}

std::vector<float> FusedFilters::padded(const Tensor& filter) const {
  const int64_t unit = kernels_.padding, row = (filter.size(1) + unit - 1) / unit * unit;
  std::vector<float> all(static_cast<std::size_t>(filter.size(0) * row), 0.0F);
  at::from_blob(all.data(), {filter.size(0), row}, at::kFloat).narrow(1, 0, filter.size(1)).copy_(filter.detach());
  return all;
}

// Blocks of pairs with their filters; all of a cloud's in one thread.
template <class Work>
void FusedFilters::for_pairs(const Tensor& filter, bool slopes, const Work& work) const {
  const at::NoGradGuard no_grad;
  const std::vector<float> weight = padded(filter);
  const int64_t row = static_cast<int64_t>(weight.size()) / std::max<int64_t>(1, count_),
                count = std::min(parts, clouds_);
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
  const auto [clouds, n, dim, f] = sizes(filter);
  const Values heard{at::zeros({clouds, n, f}, at::kFloat), at::zeros({clouds, n, dim, f}, at::kFloat)};
  for_pairs(filter, false, [&, f = f, n = n, dim = dim](const Pairs& pairs) {
    const Cloud from(said, pairs.cloud * n, 3 * f, dim * f), to(heard, pairs.cloud * n, f, dim * f);
    std::array<float, 3> toward{}, back{};
    for (int64_t r = 0; r < pairs.count; ++r) {
      const int64_t p = pairs.first + r, pair = pairs.cloud * pairs_ + p;
      for (int64_t d = 0; d < dim; ++d) back[d] = -(toward[d] = apart_[pair * dim + d] * inverse_[pair]);
      const float* const w = pairs.filters + r * pairs.row;
      hear({w, toward.data(), f, dim}, from[second_[p]], to[first_[p]]);
      hear({w, back.data(), f, dim}, from[first_[p]], to[second_[p]]);
    }
  });
  return heard;
}

std::pair<FusedFilters::Values, Tensor> FusedFilters::backward(const Tensor& filter, const Values& said,
                                                               const Values& gradient) const {
  const auto [clouds, n, dim, f] = sizes(filter);
  const Values back{at::zeros_like(said.scalars), said.vectors.defined() ? at::zeros_like(said.vectors) : Tensor()};
  const int64_t unit = kernels_.padding, row = (3 * f + unit - 1) / unit * unit;
  const Tensor sums = at::zeros({parts, count_, row}, at::kFloat);
  for_pairs(filter, false, [&, f = f, n = n, dim = dim](const Pairs& pairs) {
    const Cloud from(said, pairs.cloud * n, 3 * f, dim * f), to(back, pairs.cloud * n, 3 * f, dim * f),
        wanted(gradient, pairs.cloud * n, f, dim * f);
    std::array<float, 3> toward{}, away{};
    std::vector<float> of_filters(static_cast<std::size_t>(pairs.count * row), 0.0F);
    for (int64_t r = 0; r < pairs.count; ++r) {
      const int64_t p = pairs.first + r, pair = pairs.cloud * pairs_ + p, i = first_[p], j = second_[p];
      for (int64_t d = 0; d < dim; ++d) away[d] = -(toward[d] = apart_[pair * dim + d] * inverse_[pair]);
      const float* const w = pairs.filters + r * pairs.row;
      float* const of_filter = &of_filters[static_cast<std::size_t>(r * row)];
      hear_backward({w, toward.data(), f, dim}, from[j], wanted[i], to[j], of_filter);
      hear_backward({w, away.data(), f, dim}, from[i], wanted[j], to[i], of_filter);
    }
    const auto first = static_cast<std::size_t>((pairs.cloud * pairs_ + pairs.first) * count_);
    kernels_.product(&radial_[first], 1, count_, of_filters.data(), static_cast<int32_t>(count_),
                     static_cast<int32_t>(pairs.count), static_cast<int32_t>(row),
                     sums.data_ptr<float>() + pairs.part * count_ * row, true);
  });
  return {back, sums.sum(0).narrow(1, 0, 3 * f).contiguous()};
}

FusedFilters::Values FusedFilters::jvp(const Tensor& filter, const Values& said, const Values& along) const {
  const auto [clouds, n, dim, f] = sizes(filter);
  const int64_t directions = along_.size(0);
  const Values heard{at::zeros({directions, clouds, n, f}, at::kFloat),
                     at::zeros({directions, clouds, n, dim, f}, at::kFloat)};
  for_pairs(filter, true, [&, f = f, n = n, dim = dim, clouds = clouds](const Pairs& pairs) {
    const Cloud from(said, pairs.cloud * n, 3 * f, dim * f);
    std::vector<float> change(static_cast<std::size_t>(pairs.row));
    std::array<float, 3> toward{}, away{}, of_toward{}, of_away{};
    for (int64_t k = 0; k < directions; ++k) {
      const int64_t here = (k * clouds + pairs.cloud) * n;
      const Cloud from_along(along, here, 3 * f, dim * f), to(heard, here, f, dim * f);
      const float* const dx = along_.data_ptr<float>() + here * dim;
      for (int64_t r = 0; r < pairs.count; ++r) {
        const int64_t p = pairs.first + r, pair = pairs.cloud * pairs_ + p, i = first_[p], j = second_[p];
        float square = 0;
        for (int64_t d = 0; d < dim; ++d) square += 2 * apart_[pair * dim + d] * (dx[i * dim + d] - dx[j * dim + d]);
        for (int64_t d = 0; d < dim; ++d) {
          away[d] = -(toward[d] = apart_[pair * dim + d] * inverse_[pair]);
          of_away[d] = -(of_toward[d] = (dx[i * dim + d] - dx[j * dim + d]) * inverse_[pair] +
                                        apart_[pair * dim + d] * inverse_slope_[pair] * square);
        }
        const float *const w = pairs.filters + r * pairs.row, *const slope = pairs.slopes + r * pairs.row;
        for (int64_t c = 0; c < 3 * f; ++c) change[static_cast<std::size_t>(c)] = slope[c] * square;
        hear_along({w, toward.data(), f, dim}, {change.data(), of_toward.data(), f, dim}, from[j], from_along[j],
                   to[i]);
        hear_along({w, away.data(), f, dim}, {change.data(), of_away.data(), f, dim}, from[i], from_along[i], to[j]);
      }
    }
  });
  return heard;
}

}  // namespace genmatch
