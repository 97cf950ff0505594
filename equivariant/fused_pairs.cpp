#include "equivariant/fused_pairs.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "core/numerics/vectors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

constexpr int64_t widest = 128;
constexpr int64_t block_rows = 192;  // pairs whose numbers stay in the second cache
constexpr int64_t parts = 16;        // of the clouds, to be shared out to threads
constexpr float epsilon = 1e-8F;     // as inverse_distance's in pair_messages.cpp
constexpr int32_t lanes = 2 * vector_width;

// Rows are padded to a multiple of the lanes.
float dot(const float* a, const float* b, int32_t n) {
  Floats sum{};
  for (int32_t k = 0; k < n; k += lanes) sum += read<Floats>(a + k) * read<Floats>(b + k);
  float total = 0;
  for (int32_t l = 0; l < lanes; ++l) total += sum[l];
  return total;
}

void add(float* to, const float* from, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += from[k];
}

void add_scaled(float* to, float scale, const float* from, int64_t n) {
  for (int64_t k = 0; k < n; ++k) to[k] += scale * from[k];
}

// Row after row of `size` numbers. Made once for many rows: asking a tensor for its data costs as much as using some.
struct RowsOf {
  float* data;
  int64_t size;
  RowsOf(const Tensor& x, int64_t row_size, int64_t first = 0)
      : data(x.defined() ? x.data_ptr<float>() + first * row_size : nullptr), size(row_size) {}
  float* operator[](int64_t row) const { return data + row * size; }
  explicit operator bool() const { return data != nullptr; }
};

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

std::vector<float> floats(int64_t n) { return std::vector<float>(static_cast<std::size_t>(n), 0.0F); }

// Left as it comes, as a block is filled before it is read and filling it with zeros first would take as long.
using Numbers = std::unique_ptr<float[]>;

Tensor unpadded(const std::vector<float>& from, int64_t rows, int64_t columns, int64_t stride) {
  const Tensor all = at::from_blob(const_cast<float*>(from.data()), {rows, stride}, at::kFloat);
  return all.narrow(1, 0, columns).contiguous().clone();
}

}  // namespace

// Row r is a pair of particles, counted through all clouds. z: after the nonlinearity; s: its slope.
struct FusedPairs::Block {
  int32_t rows = 0;
  std::vector<int64_t> centre, partner;
  Numbers apart, inverse, inverse_slope, features, features_slope;
  Numbers z1, s1, z2, s2, z3, s3, said, gate, pull;
  Numbers g, h, of_features;                                // what goes back through the layers, or along them
  Numbers along;                                            // what is wanted of move, along apart
  Numbers of_apart, square, start_square, of_square_slope;  // derivatives

  Block(int64_t particles, int64_t dim, int64_t row, int64_t features_count, int64_t padded_features) {
    const int64_t most = std::max(block_rows, particles - 1);
    centre.resize(static_cast<std::size_t>(most));
    partner.resize(static_cast<std::size_t>(most));
    const auto allocate = [&](int64_t size, std::initializer_list<Numbers*> all) {
      for (Numbers* const one : all) one->reset(new float[static_cast<std::size_t>(most * size)]);
    };
    allocate(dim, {&apart, &of_apart});
    allocate(1, {&inverse, &inverse_slope, &gate, &pull, &along, &square, &start_square});
    allocate(features_count, {&features, &features_slope});
    allocate(row, {&z1, &s1, &z2, &s2, &z3, &s3, &said, &g, &h, &of_square_slope});
    allocate(padded_features, {&of_features});
  }
};

struct FusedPairs::Sums {
  std::vector<float> distance, out, out_bias, attention, position, position_bias, pull, unused;
  float attention_bias = 0;
};

struct FusedPairs::Gradients {
  Tensor own, other, y;  // y undefined unless wanted
};

bool FusedPairs::takes(const PairWeights& weights, const Tensor& own) {
  return own.scalar_type() == at::kFloat && own.device().is_cpu() && weights.out.size(0) <= widest;
}

FusedPairs::FusedPairs(const PairWeights& weights, int64_t particles, int64_t dim, bool heard,
                       const DenseKernels& kernels)
    : kernels_(kernels),
      particles_(particles),
      dim_(dim),
      heard_(heard),
      radial_(weights.radial),
      width_(static_cast<int32_t>(weights.out.size(0))),
      features_(static_cast<int32_t>(weights.distance.size(0))),
      row_(padded(width_)),
      distance_(matrix(weights.distance)),
      out_(matrix(weights.out)),
      position_(matrix(weights.position)),
      out_bias_(vector(weights.out_bias)),
      position_bias_(vector(weights.position_bias)),
      pull_(vector(weights.pull)) {
  if (!weights.attention.defined()) return;
  attention_ = vector(weights.attention);
  attention_bias_ = weights.attention_bias.item<float>();
}

int32_t FusedPairs::padded(int64_t n) const {
  const int32_t unit = std::max(kernels_.padding, lanes);
  return static_cast<int32_t>((n + unit - 1) / unit * unit);
}

std::vector<float> FusedPairs::vector(const Tensor& values) const {
  const Tensor flat = values.detach().flatten().contiguous();
  std::vector<float> all = floats(padded(flat.size(0)));
  std::copy_n(flat.data_ptr<float>(), flat.size(0), all.begin());
  return all;
}

FusedPairs::Matrix FusedPairs::matrix(const Tensor& weight) const {
  const int64_t in = weight.size(0), out = weight.size(1);
  const auto rows = [&](const Tensor& matrix, int64_t stride) {
    std::vector<float> all = floats(matrix.size(0) * stride);
    at::from_blob(all.data(), {matrix.size(0), stride}, at::kFloat).narrow(1, 0, matrix.size(1)).copy_(matrix);
    return all;
  };
  const at::NoGradGuard no_grad;
  return {static_cast<int32_t>(in),
          static_cast<int32_t>(out),
          padded(in),
          padded(out),
          rows(weight.detach(), padded(out)),
          rows(weight.detach().t(), padded(in))};
}

// The clouds in as many parts, each with a block of its own.
template <class Work>
void FusedPairs::for_parts(int64_t clouds, const Work& work) const {
  const int64_t count = std::min(parts, clouds);
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    Block block(particles_, dim_, row_, features_, distance_.padded_in);
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first = part * clouds / count * particles_, last = (part + 1) * clouds / count * particles_;
      const int64_t step = std::max<int64_t>(1, block_rows / std::max<int64_t>(1, particles_ - 1));
      for (int64_t i = first; i < last; i += step) work(part, block, i, std::min(i + step, last));
    }
  });
}

void FusedPairs::fill(Block& b, const Input& at, int64_t first, int64_t last) const {
  b.rows = 0;
  for (int64_t i = first; i < last; ++i) {
    const int64_t cloud = i / particles_ * particles_;
    for (int64_t j = cloud; j < cloud + particles_; ++j) {
      if (j == i) continue;
      b.centre[static_cast<std::size_t>(b.rows)] = i;
      b.partner[static_cast<std::size_t>(b.rows++)] = j;
    }
  }
  describe_distances(b, at);
  kernels_.product(b.features.get(), features_, 1, distance_.weight.data(), b.rows, features_, row_, b.z1.get(), false);
  static const std::vector<float> no_bias = floats(padded(widest) + lanes);
  const RowsOf owns(at.own, width_), others(at.other, width_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const auto u = static_cast<std::size_t>(r);
    const float *const own = owns[b.centre[u]], *const other = others[b.partner[u]];
    float* const z = &b.z1[u * static_cast<std::size_t>(row_)];
    for (int32_t k = 0; k < width_; ++k) z[k] += own[k] + other[k];
  }
  kernels_.activate(Nonlinearity::silu, b.z1.get(), no_bias.data(), b.rows, row_, b.s1.get());
  kernels_.product(b.z1.get(), row_, 1, out_.weight.data(), b.rows, width_, row_, b.z2.get(), false);
  kernels_.activate(Nonlinearity::silu, b.z2.get(), out_bias_.data(), b.rows, row_, b.s2.get());
  for (int32_t r = 0; r < b.rows; ++r) {
    const int64_t place = static_cast<int64_t>(r) * row_;
    const float gate = attention_.empty() ? 1 : sigmoid(dot(&b.z2[place], attention_.data(), row_) + attention_bias_);
    b.gate[r] = gate;
    for (int32_t k = 0; k < row_; ++k) b.said[place + k] = gate * b.z2[place + k];
  }
  kernels_.product(b.said.get(), row_, 1, position_.weight.data(), b.rows, width_, row_, b.z3.get(), false);
  kernels_.activate(Nonlinearity::silu, b.z3.get(), position_bias_.data(), b.rows, row_, b.s3.get());
  for (int32_t r = 0; r < b.rows; ++r) b.pull[r] = dot(&b.z3[static_cast<int64_t>(r) * row_], pull_.data(), row_);
}

void FusedPairs::describe_distances(Block& b, const Input& at) const {
  const auto count = static_cast<int32_t>(radial_.count);
  const float spacing =
      count > 1 ? static_cast<float>(radial_.reach) / static_cast<float>(count - 1) : static_cast<float>(radial_.reach);
  const RowsOf y(at.y, dim_), x(at.start, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const float *const yi = y[b.centre[r]], *const yj = y[b.partner[r]];
    const float *const xi = x[b.centre[r]], *const xj = x[b.partner[r]];
    float q = 0, q_start = 0;
    for (int64_t d = 0; d < dim_; ++d) {
      const float apart = yi[d] - yj[d], start = xi[d] - xj[d];
      b.apart[r * dim_ + d] = apart;
      q += apart * apart;
      q_start += start * start;
    }
    const float distance = std::sqrt(q + epsilon), inverse = 1 / (1 + distance);
    b.inverse[r] = inverse;
    b.inverse_slope[r] = -0.5F * inverse * inverse / distance;
    float *const feature = &b.features[static_cast<int64_t>(r) * features_],
                 *const slope = &b.features_slope[static_cast<int64_t>(r) * features_];
    feature[0] = q, feature[1] = q_start;
    slope[0] = 1, slope[1] = 0;
    for (int32_t k = 0; k < count; k += lanes) {
      const Floats number = __builtin_convertvector(lane_numbers() + k, Floats);
      const Floats off = (distance - number * spacing) / spacing, value = exponential(-0.5F * off * off);
      const Floats change = -off * value / (2 * spacing * distance);
      for (int32_t l = 0; l < std::min(lanes, count - k); ++l) {
        feature[2 + k + l] = value[l];
        slope[2 + k + l] = change[l];
      }
    }
  }
}

void FusedPairs::gather(const Block& b, const Output& out) const {
  const RowsOf move(out.move, dim_), heard(out.heard, width_);
  for (int32_t r = 0; r < b.rows; ++r) {
    add_scaled(move[b.centre[r]], b.inverse[r] * b.pull[r], &b.apart[r * dim_], dim_);
    if (heard) add(heard[b.centre[r]], &b.said[r * row_], width_);
  }
}

FusedPairs::Output FusedPairs::forward(const Input& at) const {
  Output out{at::zeros_like(at.y), heard_ ? at::zeros_like(at.own) : Tensor()};
  for_parts(at.y.size(0), [&](int64_t, Block& block, int64_t first, int64_t last) {
    fill(block, at, first, last);
    gather(block, out);
  });
  return out;
}

std::vector<Tensor> FusedPairs::backward(const Input& at, const Output& gradient) const {
  Gradients all{at::zeros_like(at.own), at::zeros_like(at.other), at::zeros_like(at.y)};
  std::vector<Sums> sums(static_cast<std::size_t>(parts));
  for (Sums& s : sums) {
    s.distance = floats(static_cast<int64_t>(features_) * row_);
    s.out = s.position = floats(static_cast<int64_t>(width_) * row_);
    s.out_bias = s.position_bias = s.attention = s.pull = s.unused = floats(row_);
  }
  for_parts(at.y.size(0), [&](int64_t part, Block& block, int64_t first, int64_t last) {
    fill(block, at, first, last);
    spread(block, gradient, all, sums[static_cast<std::size_t>(part)]);
  });
  Sums& total = sums[0];
  for (std::size_t p = 1; p < sums.size(); ++p) {
    for (const auto field : {&Sums::distance, &Sums::out, &Sums::out_bias, &Sums::attention, &Sums::position,
                             &Sums::position_bias, &Sums::pull})
      add((total.*field).data(), (sums[p].*field).data(), static_cast<int64_t>((total.*field).size()));
    total.attention_bias += sums[p].attention_bias;
  }
  const auto column = [&](const std::vector<float>& sum) { return unpadded(sum, 1, width_, row_).flatten(); };
  std::vector<Tensor> results{all.own,
                              all.other,
                              all.y,
                              unpadded(total.distance, features_, width_, row_),
                              unpadded(total.out, width_, width_, row_),
                              column(total.out_bias)};
  if (!attention_.empty()) {
    results.push_back(column(total.attention).unsqueeze(1));
    results.push_back(at::full({1}, total.attention_bias, at::kFloat));
  }
  results.push_back(unpadded(total.position, width_, width_, row_));
  results.push_back(column(total.position_bias));
  results.push_back(column(total.pull).unsqueeze(1));
  return results;
}

// From what is wanted of move and heard back to what they were made of: g is the gradient of z3, then of z1, h that of
// what was said, then of z2.
void FusedPairs::spread(Block& b, const Output& gradient, const Gradients& all, Sums& sums) const {
  back_through_move(b, gradient, sums);
  kernels_.chain(b.g.get(), b.s3.get(), b.rows, row_, sums.position_bias.data());
  kernels_.product(b.said.get(), 1, row_, b.g.get(), width_, b.rows, row_, sums.position.data(), true);
  kernels_.product(b.g.get(), row_, 1, position_.transposed.data(), b.rows, width_, row_, b.h.get(), false);
  back_through_gate(b, gradient, sums);
  kernels_.chain(b.h.get(), b.s2.get(), b.rows, row_, sums.out_bias.data());
  kernels_.product(b.z1.get(), 1, row_, b.h.get(), width_, b.rows, row_, sums.out.data(), true);
  kernels_.product(b.h.get(), row_, 1, out_.transposed.data(), b.rows, width_, row_, b.g.get(), false);
  kernels_.chain(b.g.get(), b.s1.get(), b.rows, row_, sums.unused.data());
  kernels_.product(b.features.get(), 1, features_, b.g.get(), features_, b.rows, row_, sums.distance.data(), true);
  kernels_.product(b.g.get(), row_, 1, distance_.transposed.data(), b.rows, width_, distance_.padded_in,
                   b.of_features.get(), false);
  back_to_particles(b, gradient, all);
}

// move = apart * inverse * (pull . z3).
void FusedPairs::back_through_move(Block& b, const Output& gradient, Sums& sums) const {
  const RowsOf wanted(gradient.move, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    float along = 0;
    for (int64_t d = 0; d < dim_; ++d) along += wanted[b.centre[r]][d] * b.apart[r * dim_ + d];
    b.along[r] = along;
    const float of_pull = along * b.inverse[r];
    add_scaled(sums.pull.data(), of_pull, &b.z3[r * row_], row_);
    for (int64_t k = 0; k < row_; ++k) b.g[r * row_ + k] = of_pull * pull_[static_cast<std::size_t>(k)];
  }
}

// said = gate * z2.
void FusedPairs::back_through_gate(Block& b, const Output& gradient, Sums& sums) const {
  const RowsOf wanted(gradient.heard, width_);
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const h = &b.h[r * row_], *const z = &b.z2[r * row_];
    if (wanted) add(h, wanted[b.centre[r]], width_);
    if (attention_.empty()) continue;
    const float gate = b.gate[r], of_gate = dot(h, z, row_) * gate * (1 - gate);
    add_scaled(sums.attention.data(), of_gate, z, row_);
    sums.attention_bias += of_gate;
    for (int64_t k = 0; k < row_; ++k) h[k] = gate * h[k] + of_gate * attention_[static_cast<std::size_t>(k)];
  }
}

void FusedPairs::back_to_particles(const Block& b, const Output& gradient, const Gradients& all) const {
  const RowsOf wanted(gradient.move, dim_), own(all.own, width_), other(all.other, width_), y(all.y, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const int64_t i = b.centre[r], j = b.partner[r];
    add(own[i], &b.g[r * row_], width_);
    add(other[j], &b.g[r * row_], width_);
    float of_square = b.along[r] * b.pull[r] * b.inverse_slope[r];
    for (int64_t k = 0; k < features_; ++k)
      of_square += b.features_slope[r * features_ + k] * b.of_features[r * distance_.padded_in + k];
    for (int64_t d = 0; d < dim_; ++d) {
      const float of_apart = wanted[i][d] * b.inverse[r] * b.pull[r] + 2 * of_square * b.apart[r * dim_ + d];
      y[i][d] += of_apart;
      y[j][d] -= of_apart;
    }
  }
}

std::pair<FusedPairs::Output, FusedPairs::Output> FusedPairs::jvp(const Input& at, const Input& directions) const {
  const int64_t count = directions.y.size(0);
  Output value{at::zeros_like(at.y), heard_ ? at::zeros_like(at.own) : Tensor()};
  Output derivative{at::zeros_like(directions.y), Tensor()};
  if (heard_) derivative.heard = at::zeros({count, at.own.size(0), at.own.size(1), width_}, at.own.options());
  for_parts(at.y.size(0), [&](int64_t, Block& block, int64_t first, int64_t last) {
    fill(block, at, first, last);
    gather(block, value);
    // Of z1 before its nonlinearity with respect to the square of the distance.
    kernels_.product(block.features_slope.get(), features_, 1, distance_.weight.data(), block.rows, features_, row_,
                     block.of_square_slope.get(), false);
    for (int64_t k = 0; k < count; ++k) push(block, at, directions, derivative, k);
  });
  return {value, derivative};
}

// The derivative along the k-th direction: g is that of z1, then of z3, h that of z2, then of what is said.
void FusedPairs::push(Block& b, const Input& at, const Input& directions, const Output& derivative, int64_t k) const {
  const int64_t first = k * at.y.size(0) * particles_;
  push_distances(b, at, directions, first);
  const RowsOf own(directions.own, width_, first), other(directions.other, width_, first);
  const float* const of_start = &distance_.weight[static_cast<std::size_t>(row_)];
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const g = &b.g[r * row_], *const slope = &b.s1[r * row_], *const of_square = &b.of_square_slope[r * row_];
    for (int64_t f = 0; f < row_; ++f) g[f] = b.square[r] * of_square[f] + b.start_square[r] * of_start[f];
    if (own) add(g, own[b.centre[r]], width_);
    if (other) add(g, other[b.partner[r]], width_);
    for (int64_t f = 0; f < row_; ++f) g[f] *= slope[f];
  }
  kernels_.product(b.g.get(), row_, 1, out_.weight.data(), b.rows, width_, row_, b.h.get(), false);
  const RowsOf heard(derivative.heard, width_, first);
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const h = &b.h[r * row_], *const slope = &b.s2[r * row_], *const z = &b.z2[r * row_];
    for (int64_t f = 0; f < row_; ++f) h[f] *= slope[f];
    const float gate = b.gate[r];
    const float turned = attention_.empty() ? 0 : dot(h, attention_.data(), row_) * gate * (1 - gate);
    for (int64_t f = 0; f < row_; ++f) h[f] = gate * h[f] + turned * z[f];
    if (heard) add(heard[b.centre[r]], h, width_);
  }
  kernels_.product(b.h.get(), row_, 1, position_.weight.data(), b.rows, width_, row_, b.g.get(), false);
  push_moves(b, RowsOf(derivative.move, dim_, first).data);
}

// The derivatives of apart and of the squared distances, now and at the start.
void FusedPairs::push_distances(Block& b, const Input& at, const Input& directions, int64_t first) const {
  const RowsOf dy(directions.y, dim_, first), dx(directions.start, dim_, first), x(at.start, dim_);
  for (int32_t r = 0; r < b.rows; ++r) {
    const int64_t i = b.centre[r], j = b.partner[r];
    float square = 0, start_square = 0;
    for (int64_t d = 0; d < dim_; ++d) {
      const float apart = dy[i][d] - dy[j][d];
      b.of_apart[r * dim_ + d] = apart;
      square += 2 * b.apart[r * dim_ + d] * apart;
      start_square += 2 * (x[i][d] - x[j][d]) * (dx[i][d] - dx[j][d]);
    }
    b.square[r] = square;
    b.start_square[r] = start_square;
  }
}

void FusedPairs::push_moves(Block& b, float* moves) const {
  for (int32_t r = 0; r < b.rows; ++r) {
    float *const g = &b.g[r * row_], *const slope = &b.s3[r * row_];
    for (int64_t f = 0; f < row_; ++f) g[f] *= slope[f];
    const float of_pull = dot(g, pull_.data(), row_);
    float* const move = moves + b.centre[r] * dim_;
    add_scaled(move, b.inverse[r] * b.pull[r], &b.of_apart[r * dim_], dim_);
    add_scaled(move, b.inverse_slope[r] * b.square[r] * b.pull[r] + b.inverse[r] * of_pull, &b.apart[r * dim_], dim_);
  }
}

}  // namespace genmatch
