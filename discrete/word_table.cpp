#include "discrete/word_table.h"

#include <fmt/format.h>

#include "core/ops.h"

namespace genmatch {

Table word_table(const Alphabet& alphabet, const Tensor& words) {
  Shape shape = alphabet.event_shape();
  shape.insert(shape.begin(), words.size(0));
  Table table{{words.to(at::kDouble).reshape(shape)}, {}};
  for (int64_t i = 0; i < alphabet.event_size(); ++i) table.columns.push_back(fmt::format("x{}", i + 1));
  return table;
}

}  // namespace genmatch
