#include "core/data/gaps.h"

#include <fmt/format.h>

#include "core/ops.h"

namespace genmatch {

Tensor without_gaps(const Space& space, const Tensor& x, const std::function<std::string(int64_t row)>& place,
                    Faults& faults) {
  constexpr double kHair = 1e-20;
  const Tensor gap = x.isnan(), absent = gap.all(-1, true);
  const auto each = [&](const Tensor& rows, const auto& fault) {
    const Tensor index = at::nonzero(rows).flatten();
    for (int64_t i = 0; i < index.size(0); ++i) {
      const auto row = index[i].item<int64_t>();
      faults.add(place(row) + ": " + fault(row));
    }
  };
  each(gap.logical_and(absent.logical_not()).flatten(1).any(1), [&](int64_t) {
    return "a particle of the row has some coordinates and lacks others; on " + space.describe() +
           " it has all, or is not there and all of them are NaN";
  });
  const Tensor hair = at::zeros({x.size(-1)}, x.options());
  hair[0] = kHair;
  const Tensor points = at::where(x.eq(0).all(-1, true), hair, x).nan_to_num(0);
  // Before they are moved: one particle alone would move to the origin, and look like none.
  each(space.violation(points).isinf().logical_or(absent.flatten(1).all(1)), [&](int64_t row) {
    return fmt::format("the row has {} particles, too few for {}", absent[row].logical_not().sum().item<int64_t>(),
                       space.describe());
  });
  return points;
}

void check_complete(const Numbers& numbers, int64_t first, int64_t width, Faults& faults) {
  const Tensor bad = at::nonzero(numbers.values.narrow(1, first, width).isnan());
  for (int64_t i = 0; i < bad.size(0); ++i)
    faults.add(fmt::format("{}: expected a finite number, got NaN",
                           numbers.place(bad[i][0].item<int64_t>(), first + bad[i][1].item<int64_t>())));
}

}  // namespace genmatch
