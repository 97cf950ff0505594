#include "core/rng.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

using Block = std::array<uint32_t, 4>;

constexpr int64_t kGrain = 4096;  // blocks per task
constexpr double kPi = 3.14159265358979323846;

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014): a bijection in which every bit depends on every other.
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

uint64_t absorb(uint64_t hash, uint64_t word) {
  return mix((hash ^ word) * 0x9E3779B97F4A7C15ull + 0x632BE59BD9B4E019ull);
}

uint64_t absorb(uint64_t hash, std::string_view text) {
  for (const unsigned char c : text) hash = absorb(hash, c);
  return absorb(hash, text.size());
}

/// By rows each call has blocks of its own, `call` > 0, so that their numbers do not depend on how many rows a part
/// has.
Block block_at(uint64_t key, uint64_t index, uint64_t call = 0) {
  return philox({static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), static_cast<uint32_t>(call),
                 static_cast<uint32_t>(call >> 32)},
                {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)});
}

uint64_t word(const Block& b, int i) { return static_cast<uint64_t>(b[2 * i]) << 32 | b[2 * i + 1]; }

/// The upper 53 bits, in [0, 1).
double unit(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

/// floor(bits * bound / 2^64), which is uniform up to bound / 2^64.
int64_t scaled(uint64_t bits, uint64_t bound) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<int64_t>(static_cast<Wide>(bits) * bound >> 64);
}

template <class T>
T to_unit(double u) {
  return static_cast<T>(u);
}
template <>
float to_unit<float>(double u) {
  return std::min(static_cast<float>(u), 0x1.fffffep-1f);  // rounding must not reach 1
}

template <class T>
std::array<T, 2> uniform_pair(const Block& b) {
  return {to_unit<T>(unit(word(b, 0))), to_unit<T>(unit(word(b, 1)))};
}

template <class T>
std::array<T, 2> normal_pair(const Block& b) {  // Box & Muller 1958
  const double radius = std::sqrt(-2 * std::log1p(-unit(word(b, 0)))), angle = 2 * kPi * unit(word(b, 1));
  return {static_cast<T>(radius * std::cos(angle)), static_cast<T>(radius * std::sin(angle))};
}

template <class T>
std::array<T, 4> signs(const Block& b) {
  std::array<T, 4> s;
  for (int i = 0; i < 4; ++i) s[i] = b[i] >> 31 ? T(1) : T(-1);
  return s;
}

/// A fresh CPU tensor, and whether it is float64. Everything is drawn on the CPU so that devices agree.
Tensor empty_like(const char* who, at::IntArrayRef shape, const at::TensorOptions& like) {
  const auto dtype = c10::typeMetaToScalarType(like.dtype());
  if (dtype != at::kFloat && dtype != at::kDouble)
    throw ContractError(fmt::format("Rng::{}: dtype must be float32 or float64, got {}", who, c10::toString(dtype)));
  return at::empty(shape, at::TensorOptions().dtype(dtype));
}

}  // namespace

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = 0xD2511F53ull * c[0], b = 0xCD9E8D57ull * c[2];
    c = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(a)};
    k = {k[0] + 0x9E3779B9u, k[1] + 0xBB67AE85u};
  }
  return c;
}

Rng::Rng(uint64_t seed, std::string_view purpose, uint64_t step)
    : key_(absorb(absorb(absorb(0, seed), purpose), step)) {}

Rng Rng::fork(std::string_view purpose, uint64_t step) const {
  Rng other(absorb(absorb(key_, purpose), step));
  other.first_row_ = first_row_;
  other.by_rows_ = by_rows_;
  return other;
}

Rng Rng::for_rows(int64_t first) const {
  if (first < 0) throw ContractError(fmt::format("Rng::for_rows: first must be at least 0, got {}", first));
  Rng rows(key_);
  rows.first_row_ = first;
  rows.by_rows_ = true;
  return rows;
}

// Element i of a row, or of the whole tensor, comes from its block i / draw's width, whatever the number of threads.
template <class T, class Draw>
Tensor Rng::filled(const Tensor& out, const Draw& draw) {
  constexpr int64_t width = std::tuple_size_v<decltype(draw(Block{}))>;
  T* const data = out.data_ptr<T>();
  const int64_t rows = by_rows_ && out.dim() > 0 ? out.size(0) : 1, n = rows == 0 ? 0 : out.numel() / rows;
  const int64_t blocks = (n + width - 1) / width;
  const uint64_t call = by_rows_ ? block_ + 1 : 0;
  const uint64_t first = by_rows_ ? static_cast<uint64_t>(first_row_ * blocks) : block_;
  at::parallel_for(0, rows * blocks, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) {
      const auto values = draw(block_at(key_, first + static_cast<uint64_t>(b), call));
      const int64_t row = b / blocks, from = b % blocks * width;
      for (int64_t j = 0; j < std::min(width, n - from); ++j) data[row * n + from + j] = values[j];
    }
  });
  block_ += by_rows_ ? 1 : static_cast<uint64_t>(blocks);
  return out;
}

Tensor Rng::uniform(at::IntArrayRef shape, const at::TensorOptions& like) {
  const Tensor out = empty_like("uniform", shape, like);
  return (out.scalar_type() == at::kDouble ? filled<double>(out, uniform_pair<double>)
                                           : filled<float>(out, uniform_pair<float>))
      .to(like.device());
}

Tensor Rng::normal(at::IntArrayRef shape, const at::TensorOptions& like) {
  const Tensor out = empty_like("normal", shape, like);
  return (out.scalar_type() == at::kDouble ? filled<double>(out, normal_pair<double>)
                                           : filled<float>(out, normal_pair<float>))
      .to(like.device());
}

Tensor Rng::rademacher(at::IntArrayRef shape, const at::TensorOptions& like) {
  const Tensor out = empty_like("rademacher", shape, like);
  return (out.scalar_type() == at::kDouble ? filled<double>(out, signs<double>) : filled<float>(out, signs<float>))
      .to(like.device());
}

Tensor Rng::integers(int64_t bound, at::IntArrayRef shape) {
  if (bound < 1) throw ContractError(fmt::format("Rng::integers: bound must be at least 1, got {}", bound));
  const Tensor out = at::empty(shape, at::kLong);
  const auto draw = [bound](const Block& b) {
    return std::array<int64_t, 2>{scaled(word(b, 0), bound), scaled(word(b, 1), bound)};
  };
  return filled<int64_t>(out, draw);
}

Tensor Rng::permutation(int64_t n) {
  if (n < 0) throw ContractError(fmt::format("Rng::permutation: n must be at least 0, got {}", n));
  const Tensor out = at::arange(n, at::kLong);
  int64_t* const p = out.data_ptr<int64_t>();
  for (int64_t i = n - 1; i > 0; --i) std::swap(p[i], p[scaled(bits(), static_cast<uint64_t>(i) + 1)]);  // Fisher–Yates
  return out;
}

double Rng::uniform() { return unit(bits()); }

uint64_t Rng::bits() {
  const uint64_t now = block_++;
  return word(by_rows_ ? block_at(key_, 0, now + 1) : block_at(key_, now), 0);
}

}  // namespace genmatch
