#include <fmt/format.h>

#include <algorithm>

#include "core/config/catalog.h"
#include "core/data/coordinates.h"
#include "core/data/delimited.h"
#include "core/data/file.h"
#include "core/data/split.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/energy.h"
#include "equivariant/equilibrium.h"
#include "equivariant/parallel_tempering.h"
#include "equivariant/point_cloud.h"

namespace genmatch {
namespace {

struct ParticlesOptions {
  EnergyOptions energy;
  int64_t rows = 20000;
  TemperingOptions sampler;
  SplitOptions split;
  void fields(Fields& f) {
    f("energy", energy, "of the system; rows follow exp(-E)");
    f("rows", rows, "how many clouds are drawn", at_least(10));
    f("sampler", sampler, "how they are drawn");
    f("split", split, "how rows are shared out among training, validation and test");
  }
};

/// Clouds of particles in equilibrium, from Markov chains that the run's seed decides and that are looked at before
/// they are used.
class Particles final : public Dataset, public HasEnergy {
 public:
  using Options = ParticlesOptions;
  Particles(const Options& options, const DataContext& context)
      : options_(options),
        spaces_(context.spaces),
        energy_(options.energy, cloud().particles(), cloud().space_dim(), context.folder, context.search) {
    options_.split.check();
  }

  const Energy& energy() const override { return energy_; }

  Splits load(uint64_t seed) const override {
    Rng rng(seed, "data");
    const ChainDraws draws = run(options_.rows, rng);
    const Tensor chosen = rows(draws, options_.rows).index_select(0, rng.permutation(options_.rows));
    const Table all{
        {draws.x.flatten(0, 1).index_select(0, chosen)}, names(), chosen.remainder(options_.sampler.chains)};
    Splits splits = split_by_chain(all, seed);
    Equilibrium seen = check_equilibrium(draws, options_.sampler, energy_);
    splits.statistics = seen.statistics;
    if (!seen.warning.empty()) splits.warnings.push_back(seen.warning);
    if (const std::string& broken = energy_.broken_symmetries(); !broken.empty())
      splits.warnings.push_back(fmt::format(
          "particles: the energy changes under {}: do not use a model, a coupling or a group of it that takes "
          "them for symmetries",
          broken));
    return splits;
  }

  State fresh(int64_t n, Rng& rng) const override {
    if (n == 0) return {at::empty({0, energy_.particles(), energy_.dim()}, at::kDouble)};
    const ChainDraws draws = run(n, rng);
    return {draws.x.flatten(0, 1).index_select(0, rows(draws, n))};
  }

  Table read(const std::string& file) const override {
    Numbers numbers = read_delimited(file, {}, cloud().event_size());
    return {Coordinates(spaces_, {"projected"}).points(numbers), numbers.names};
  }

  std::string hash() const override {
    const TemperingOptions& s = options_.sampler;
    return hash_hex(fmt::format(
        "particles {} rows={} chains={} temperatures={} hottest={} leapfrog={} burn_in={} "
        "thinning={}",
        energy_.describe(), options_.rows, s.chains, s.temperatures, s.hottest, s.leapfrog, s.burn_in, s.thinning));
  }

 private:
  const PointCloud& cloud() const {
    if (spaces_.size() != 1) throw OptionError("", "has one factor and no conditions");
    return as_point_cloud(*spaces_[0], "data particles");
  }

  ChainDraws run(int64_t n, Rng& rng) const {
    constexpr int64_t kFewest = 8;  // draws of a chain, for R-hat to say something
    const int64_t draws = std::max(kFewest, (n + options_.sampler.chains - 1) / options_.sampler.chains);
    return parallel_tempering(energy_, options_.sampler, draws, rng);
  }

  // Which n of all draws of all chains (draw by draw) are taken, evenly.
  static Tensor rows(const ChainDraws& draws, int64_t n) {
    const int64_t all = draws.energy.numel();
    return at::div(at::arange(n, at::kLong) * all, n, "floor");
  }

  // The draws of a chain resemble each other, so that they go together: test rows are independent of training rows.
  Splits split_by_chain(const Table& all, uint64_t seed) const {
    const int64_t chains = options_.sampler.chains;
    const Table numbers{{at::arange(chains, at::kDouble).unsqueeze(1)}, {"chain"}};
    Splits splits = split(numbers, options_.split, false, seed, "particles: chains");
    for (Table* const part : {&splits.train, &splits.validation, &splits.test}) {
      const Tensor ours = at::isin(all.group, part->x[0].flatten().to(at::kLong));
      *part = all.select(ours.nonzero().flatten());
    }
    return splits;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (int64_t i = 1; i <= energy_.particles(); ++i)
      for (int64_t d = 1; d <= energy_.dim(); ++d) all.push_back(fmt::format("x{}_{}", i, d));
    return all;
  }

  Options options_;
  Spaces spaces_;
  Energy energy_;
};

}  // namespace

void add_particles(Catalog& c) {
  c.datasets.add<Particles>("particles",
                            {"Particles in equilibrium at a given energy, drawn by parallel tempering and checked by "
                             "the virial identity E[x . grad E] = (N - 1) D.",
                             "Köhler et al. 2020, arXiv 2006.02425; Klein et al. 2023, arXiv 2306.15030"});
}

}  // namespace genmatch
