#pragma once
// Events of coordinates and the symbols that they draw: what samplers on alphabets share.
#include <cstdint>
#include <vector>

#include "core/tensor.h"
#include "discrete/draw_options.h"

namespace genmatch {

/// The first index at which the running sum of the weights, taken in double precision, exceeds u in [0, 1) times their
/// total; -1 where that is not positive and finite. For float and double.
template <class T>
int64_t draw_index(const T* weights, int64_t count, double u);

/// For each of `rows` (int64 [E]) of logits [N, S] the inverse of the cumulative distribution of
/// softmax(logits / temperature), cut to its most probable symbols of total probability top_p (the nucleus), at u in
/// [0, 1): sums are taken in double precision. -1 where logits are no numbers.
std::vector<int64_t> draw_symbols(const Tensor& logits, const Tensor& rows, const std::vector<double>& u,
                                  const DrawOptions& options);

/// An event at one coordinate of a row: it becomes the symbol that the posterior has at u. If `back` is not negative,
/// it goes back to the source instead, to its value there, but only where that symbol is the present one.
struct SymbolEvent {
  int64_t row, place;
  double u, back = -1;
};

/// Lets the events happen to x [B, *coords], contiguous and on the CPU. Row r of x has row logits_row[r] of the logits
/// [B', *coords, S]; `source` holds the probabilities of the source's values. NaN comes where logits are no numbers.
void draw_events(const std::vector<SymbolEvent>& events, const Tensor& logits, const std::vector<int64_t>& logits_row,
                 const Tensor& source, const DrawOptions& options, Tensor& x);

}  // namespace genmatch
