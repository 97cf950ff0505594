#include "discrete/event_random.h"

namespace genmatch {
namespace {

double unit(uint32_t high, uint32_t low) {
  return static_cast<double>((static_cast<uint64_t>(high) << 32 | low) >> 11) * 0x1p-53;
}

}  // namespace

EventRandom::EventRandom(Rng& rng) : first_row_(rng.first_row()) {
  const uint64_t bits = rng.bits();
  key_ = {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
}

std::array<double, 2> EventRandom::uniform(int64_t row, int64_t place, int64_t step, uint32_t use) const {
  const auto b = bits(row, place, step, use);
  return {unit(b[0], b[1]), unit(b[2], b[3])};
}

}  // namespace genmatch
