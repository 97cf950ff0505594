#include <fmt/format.h>

#include "core/config/catalog.h"
#include "core/data/coordinates.h"
#include "core/data/delimited.h"
#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/particles/chain_rows.h"

namespace genmatch {
namespace {

struct ParticlesOptions {
  EnergyOptions energy;
  int64_t rows = 20000;
  TemperingOptions sampler;
  SplitOptions split;
  void fields(Fields& f) {
    f("energy", energy, "of the system; rows follow exp(-E), as many of each number of particles where it varies");
    f("rows", rows, "how many clouds are drawn", at_least(10));
    f("sampler", sampler, "how they are drawn");
    f("split", split, "how rows are shared out among training, validation and test");
  }
};

/// Clouds of particles in equilibrium, from Markov chains that the run's seed decides. Where the number of particles
/// varies, chains of each number, as many rows of each.
class Particles final : public Dataset, public HasEnergy {
 public:
  using Options = ParticlesOptions;
  Particles(const Options& options, const DataContext& context) : options_(options), spaces_(context.spaces) {
    if (spaces_.size() != 1) throw OptionError("", "has one factor and no conditions");
    for (int64_t n = cloud().particles(); n >= cloud().fewest(); --n)
      systems_.emplace_back(Energy(options.energy, n, cloud().space_dim(), context.folder, context.search),
                            options.sampler, options.split);
  }

  const Energy& energy() const override { return systems_.front().energy(); }

  Splits load(uint64_t seed) const override {
    Rng rng(seed, "data");
    Splits all = systems_[0].load(share(options_.rows, 0), seed, rng);
    if (systems_.size() == 1) return all;
    name_statistics(all, 0);
    for (std::size_t i = 1; i < systems_.size(); ++i) {
      Splits more = systems_[i].load(share(options_.rows, i), seed, rng);
      name_statistics(more, i);
      for (Table Splits::*part : {&Splits::train, &Splits::validation, &Splits::test})
        add(all.*part, more.*part, static_cast<int64_t>(i));
      all.warnings.insert(all.warnings.end(), more.warnings.begin(), more.warnings.end());
      all.statistics.insert(all.statistics.end(), more.statistics.begin(), more.statistics.end());
    }
    for (Table Splits::*part : {&Splits::train, &Splits::validation, &Splits::test})
      all.*part = (all.*part).select(rng.permutation((all.*part).rows()));
    return all;
  }

  State fresh(int64_t n, Rng& rng) const override {
    std::vector<Tensor> all;
    for (std::size_t i = 0; i < systems_.size(); ++i) all.push_back(padded(systems_[i].fresh(share(n, i), rng)));
    return {all.size() == 1 ? all[0] : at::cat(all).index_select(0, rng.permutation(n))};
  }

  Table read(const std::string& file) const override {
    Numbers numbers = read_delimited(file, {}, cloud().event_size());
    return {Coordinates(spaces_, {"projected"}).points(numbers), numbers.names};
  }

  std::string hash() const override {
    const TemperingOptions& s = options_.sampler;
    std::string fewest;
    if (cloud().varies()) fewest = fmt::format(" fewest={}", cloud().fewest());
    return hash_hex(
        fmt::format("particles {}{} rows={} chains={} temperatures={} hottest={} leapfrog={} burn_in={} "
                    "thinning={}",
                    energy().describe(), fewest, options_.rows, s.chains, s.temperatures, s.hottest, s.leapfrog,
                    s.burn_in, s.thinning));
  }

 private:
  const PointCloud& cloud() const { return as_point_cloud(*spaces_[0], "data particles"); }

  // Of n rows those of the i-th number of particles.
  int64_t share(int64_t n, std::size_t i) const {
    const auto all = static_cast<int64_t>(systems_.size()), own = static_cast<int64_t>(i);
    return (own + 1) * n / all - own * n / all;
  }

  Tensor padded(const Tensor& x) const { return at::constant_pad_nd(x, {0, 0, 0, cloud().particles() - x.size(1)}); }

  // Chains of different systems are different ones.
  void add(Table& all, const Table& more, int64_t system) const {
    all.x = {at::cat({all.x[0], padded(more.x[0])})};
    all.group = at::cat({all.group, more.group + system * options_.sampler.chains});
  }

  void name_statistics(Splits& splits, std::size_t i) const {
    for (Statistic& s : splits.statistics)
      s.name = fmt::format("{} particles: {}", systems_[i].energy().particles(), s.name);
  }

  Options options_;
  Spaces spaces_;
  std::vector<ChainRows> systems_;  // from the largest number of particles to the fewest
};

}  // namespace

void add_particles(Catalog& c) {
  c.datasets.add<Particles>("particles",
                            {"Particles in equilibrium at a given energy, drawn by parallel tempering and checked by "
                             "the virial identity E[x . grad E] = (N - 1) D.",
                             "Köhler et al. 2020, arXiv 2006.02425; Klein et al. 2023, arXiv 2306.15030"});
}

}  // namespace genmatch
