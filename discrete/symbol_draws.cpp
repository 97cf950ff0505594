#include "discrete/symbol_draws.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/ops.h"

namespace genmatch {
namespace {

constexpr int64_t kBlock = 256;       // symbols whose weights are summed at once
constexpr int64_t kAtOnce = 1 << 16;  // weights: they stay in cache

// In float32 a sum would lose what is rarer than 1e-7. Eight sums run beside each other.
template <class T>
double sum(const T* w, int64_t count) {
  double lanes[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int64_t j = 0; j < 8; ++j) lanes[j] += static_cast<double>(w[i + j]);
  for (; i < count; ++i) lanes[0] += static_cast<double>(w[i]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

template <class T>
int64_t draw_from_nucleus(const T* w, int64_t symbols, double u, double top_p) {
  const double total = sum(w, symbols);
  if (!(total > 0) || !std::isfinite(total)) return -1;
  std::vector<int64_t> order(static_cast<std::size_t>(symbols));
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return w[a] > w[b]; });
  double mass = 0;
  std::size_t kept = 0;
  while (kept < order.size() && mass < top_p * total) mass += static_cast<double>(w[order[kept++]]);
  double rest = u * mass;
  for (std::size_t i = 0; i + 1 < kept; ++i) {
    if (rest < static_cast<double>(w[order[i]])) return order[i];
    rest -= static_cast<double>(w[order[i]]);
  }
  return order[kept - 1];
}

}  // namespace

template <class T>
int64_t draw_index(const T* w, int64_t count, double u) {
  thread_local std::vector<double> sums;
  sums.clear();
  double total = 0;
  for (int64_t first = 0; first < count; first += kBlock) {
    sums.push_back(sum(w + first, std::min(kBlock, count - first)));
    total += sums.back();
  }
  if (!(total > 0) || !std::isfinite(total)) return -1;
  double rest = u * total;
  std::size_t block = 0;
  while (block + 1 < sums.size() && rest >= sums[block]) rest -= sums[block++];
  int64_t last = -1;  // rounding may lead past the last symbol that can be drawn
  const int64_t begin = static_cast<int64_t>(block) * kBlock, end = std::min(count, begin + kBlock);
  for (int64_t i = begin; i < end; ++i) {
    if (!(w[i] > 0)) continue;
    last = i;
    if (rest < static_cast<double>(w[i])) break;
    rest -= static_cast<double>(w[i]);
  }
  for (int64_t i = begin; last < 0; --i)
    if (w[i] > 0) last = i;
  return last;
}

template int64_t draw_index(const float*, int64_t, double);
template int64_t draw_index(const double*, int64_t, double);

std::vector<int64_t> draw_symbols(const Tensor& logits, const Tensor& rows, const std::vector<double>& u,
                                  const DrawOptions& options) {
  const int64_t symbols = logits.size(1), events = rows.size(0), chunk = 1 + kAtOnce / symbols;
  std::vector<int64_t> drawn(u.size());
  AT_DISPATCH_FLOATING_TYPES(logits.scalar_type(), "draw_symbols", [&] {
    const auto draw = [&](int64_t first, int64_t count) {
      Tensor w = logits.index_select(0, rows.narrow(0, first, count));
      w.sub_(w.amax(1, true)).mul_(1 / options.temperature).exp_();
      const scalar_t* const data = w.data_ptr<scalar_t>();
      for (int64_t i = 0; i < count; ++i) {
        const scalar_t* const row = data + i * symbols;
        const auto e = static_cast<std::size_t>(first + i);
        drawn[e] =
            options.top_p < 1 ? draw_from_nucleus(row, symbols, u[e], options.top_p) : draw_index(row, symbols, u[e]);
      }
    };
    at::parallel_for(0, (events + chunk - 1) / chunk, 1, [&](int64_t begin, int64_t end) {
      const at::NoGradGuard no_grad;  // which is of each thread
      for (int64_t c = begin; c < end; ++c) draw(c * chunk, std::min(chunk, events - c * chunk));
    });
  });
  return drawn;
}

void draw_events(const std::vector<SymbolEvent>& events, const Tensor& logits, const std::vector<int64_t>& logits_row,
                 const Tensor& source, const DrawOptions& options, Tensor& x) {
  if (events.empty()) return;
  const int64_t symbols = logits.size(-1), places = x[0].numel();
  const auto count = static_cast<int64_t>(events.size());
  const Tensor rows = at::empty({count}, at::kLong);
  std::vector<double> u;
  for (int64_t i = 0; i < count; ++i) {
    const SymbolEvent& e = events[static_cast<std::size_t>(i)];
    rows.data_ptr<int64_t>()[i] = logits_row[static_cast<std::size_t>(e.row)] * places + e.place;
    u.push_back(e.u);
  }
  const Tensor words = logits.to(at::kCPU).contiguous().reshape({-1, symbols});
  const std::vector<int64_t> drawn = draw_symbols(words, rows, u, options);
  const Tensor edges = source.cumsum(0);
  const double* const begin_of = edges.data_ptr<double>();
  const double* const end_of = begin_of + edges.numel();
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "draw_events", [&] {
    scalar_t* const to = x.data_ptr<scalar_t>();
    for (std::size_t i = 0; i < events.size(); ++i) {
      const SymbolEvent& e = events[i];
      scalar_t& value = to[e.row * places + e.place];
      if (drawn[i] < 0) {
        value = std::numeric_limits<scalar_t>::quiet_NaN();
      } else if (e.back < 0) {
        value = static_cast<scalar_t>(drawn[i]);
      } else if (value == static_cast<scalar_t>(drawn[i])) {
        value = static_cast<scalar_t>(std::upper_bound(begin_of, end_of - 1, e.back) - begin_of);
      }
    }
  });
}

}  // namespace genmatch
