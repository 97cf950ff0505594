#include <algorithm>
#include <array>
#include <numeric>

#include "core/config/choice.h"
#include "core/data/dataset.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/groups/group.h"

namespace genmatch {
namespace {

struct RandomImagesOptions {
  DatasetChoice data;
  GroupChoice group{"crystal"};
  std::string training = "one";
  void fields(Fields& f) {
    f("data", data, "the rows, of which each stands for its orbit", required);
    f("group", group, "the symmetries");
    f("training", training, "images of each training row: a random one, as of the other rows, or all (augmentation)",
      genmatch::one_of({"one", "all"}));
  }
};

// The rows' indices in the order in which their numbers rise.
Tensor lexicographic(const Tensor& rows) {
  const Tensor x = rows.contiguous();
  const auto width = static_cast<std::size_t>(x.size(1));
  const double* const values = x.data_ptr<double>();
  std::vector<int64_t> order(static_cast<std::size_t>(x.size(0)));
  std::iota(order.begin(), order.end(), int64_t{0});
  const auto row = [&](int64_t i) { return values + static_cast<std::size_t>(i) * width; };
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::lexicographical_compare(row(a), row(a) + width, row(b), row(b) + width);
  });
  return at::tensor(order, at::kLong);
}

/// Rows that stand for orbits, such as orientations of crystals, each replaced by a random point of its orbit. Which
/// point of an orbit a file holds is a convention: a density that has learned it looks better by up to ln |G| nats,
/// and says nothing more about the data. The images are draws of the invariant law itself: all models are scored on
/// the same rows, as densities on the whole space.
class RandomImages final : public Dataset {
 public:
  using Options = RandomImagesOptions;
  RandomImages(const Options& options, const DataContext& context)
      : space_(only_moving(context.spaces, "data random_images")),
        data_(options.data.make(context)),
        group_(options.group.make(space_)),
        training_(options.training) {
    if (training_ == "all" && !group_->elements(at::kDouble))
      throw OptionError("training", "all needs a group whose elements can be listed; write `training: one`");
  }

  Splits load(uint64_t seed) const override {
    Splits splits = data_->load(seed);
    if (!splits.snapshots.empty() || !splits.train_starts.empty())
      throw DataError("random_images: data with `time` or `start` are not supported");
    const std::array<Table*, 3> parts{&splits.train, &splits.validation, &splits.test};
    Tensor x = at::cat({parts[0]->x[0], parts[1]->x[0], parts[2]->x[0]});
    // In the order of the points themselves, so that a row's image is the same in whichever part it comes to lie.
    const Tensor order = lexicographic(x.flatten(1));
    Rng rng(seed, "random_images");
    x = x.index_copy(0, order, moved(x.index_select(0, order), rng));
    int64_t first = 0;
    for (Table* const part : parts) {
      const int64_t rows = part->rows();
      part->x[0] = x.narrow(0, first, rows);
      first += rows;
    }
    if (training_ == "all") splits.train = all_images(splits.train);
    return splits;
  }
  Table read(const std::string& file) const override { return data_->read(file); }
  std::string hash() const override { return data_->hash(); }
  State fresh(int64_t n, Rng& rng) const override {
    State x = data_->fresh(n, rng);
    if (!x.empty()) x[0] = moved(x[0], rng);
    return x;
  }

 private:
  Table all_images(const Table& table) const {
    const std::optional<GroupElements> all = group_->elements(at::kDouble);
    const int64_t order = (*all)[0].size(0), rows = table.rows();
    Table result = table.select(at::arange(rows, at::kLong).repeat({order}));
    const Tensor each = at::arange(order, at::kLong).repeat_interleave(rows);
    result.x[0] = as_manifold(*space_, "random_images").project(group_->act(genmatch::select(*all, each), result.x[0]));
    return result;
  }
  Tensor moved(const Tensor& x, Rng& rng) const {
    return as_manifold(*space_, "random_images").project(group_->act(group_->random(x.size(0), rng, x.options()), x));
  }

  SpacePtr space_;
  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<const Group> group_;
  std::string training_;
};

}  // namespace

void add_random_images(Catalog& c) {
  c.datasets.add<RandomImages>(
      "random_images",
      {"Rows that stand for orbits of a group, each replaced by a random point of its orbit: draws of a law that does "
       "not see the group.",
       ""});
}

}  // namespace genmatch
