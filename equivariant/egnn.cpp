#include <algorithm>
#include <cmath>
#include <string>

#include "core/config/catalog.h"
#include "core/config/fields.h"
#include "core/errors.h"
#include "core/learn/network_inputs.h"
#include "core/ops.h"
#include "equivariant/pair_messages.h"
#include "equivariant/point_cloud.h"

namespace genmatch {
namespace {

struct EgnnOptions {
  int64_t width = 32, depth = 3, time_features = 2, radial_features = 0;
  double radial_reach = 5;
  bool attention = true;
  void fields(Fields& f) {
    f("width", width, "numbers per particle and per pair", at_least(1));
    f("depth", depth, "rounds of messages", at_least(1));
    f("time_features", time_features, "k: cos and sin of pi t, ..., k pi t go in beside t", at_least(0));
    f("radial_features", radial_features,
      "Gaussians of the distance that go in beside its square, to tell short distances apart", at_least(0));
    f("radial_reach", radial_reach, "their centres lie evenly from 0 to this distance", above(0));
    f("attention", attention, "weigh messages by a number in (0, 1) that they say themselves");
  }
};

/// Particles tell each other how far away they are, all in parallel: messages m_ij = phi_e(h_i, h_j, |x_i - x_j|^2,
/// |x_i - x_j|^2 at first), positions x_i += sum_j (x_i - x_j) / (1 + |x_i - x_j|) phi_x(m_ij), features
/// h_i += phi_h(h_i, sum_j m_ij). What comes out, x at last less x at first with the mean taken away, turns with x,
/// changes places with the particles, and does not see translations.
class Egnn final : public Model {
 public:
  using Options = EgnnOptions;
  Egnn(const Options& options, const ModelContext& context)
      : options_(options), spaces_(context.spaces), cloud_(&as_point_cloud(*context.spaces.at(0), "model egnn")) {
    given_ = 1 + 2 * options.time_features;
    for (std::size_t f = 1; f < spaces_.size(); ++f) {
      const Manifold* const manifold = spaces_[f]->manifold();
      if (manifold == nullptr || manifold->dim() != 0 || context.head_sizes[f] != 0)
        throw OptionError("",
                          "takes one cloud of particles, and conditions beside it, but not " + spaces_[f]->describe());
      given_ += spaces_[f]->feature_size();
    }
    if (context.head_sizes[0] != cloud_->event_size())
      throw OptionError("", "puts out one vector for each particle, " + std::to_string(cloud_->event_size()) +
                                " numbers, and " + std::to_string(context.head_sizes[0]) + " are wanted");
    parameters_ = Parameters(initial(context));
    for (int64_t i = 0; i < options.depth; ++i) pairs_.push_back(pairs("layer." + std::to_string(i) + "."));
    frequencies_ = M_PI * at::arange(1, options.time_features + 1, context.options);
  }

  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    check_network_input(spaces_, x, t);
    return with_conditions(displacement({x[0]}, given(x, t)).value.flatten(1), {t.size(0), 0});
  }

  ModelJvp jvp(const State& x, const Tensor& t, const State& directions) const override {
    check_network_input(spaces_, x, t);
    at::NoGradGuard no_grad;
    const Tensor &points = x[0], &along = directions.at(0), context = given(x, t);
    const int64_t rows = t.size(0), count = along.size(0);
    Dual all{at::empty({rows, cloud_->event_size()}, points.options()),
             at::empty({count, rows, cloud_->event_size()}, points.options())};
    // Few rows and directions at a time, so that what is computed of them stays in the processor's cache.
    constexpr int64_t most_rows = 8, most = 1 << 18;
    const int64_t each = most_rows * cloud_->particles() * cloud_->particles() * options_.width;
    const int64_t most_directions = std::max<int64_t>(1, most / each);
    for (int64_t row = 0; row < rows; row += most_rows)
      for (int64_t first = 0; first < count; first += most_directions) {
        const int64_t n = std::min(most_rows, rows - row), k = std::min(most_directions, count - first);
        const Dual moved = displacement({points.narrow(0, row, n), along.narrow(0, first, k).narrow(1, row, n)},
                                        context.narrow(0, row, n));
        all.value.narrow(0, row, n).copy_(moved.value.flatten(1));
        all.derivative.narrow(0, first, k).narrow(1, row, n).copy_(moved.derivative.flatten(2));
      }
    return {with_conditions(all.value, {rows, 0}), with_conditions(all.derivative, {count, rows, 0})};
  }

  Parameters& parameters() override { return parameters_; }

 private:
  const Tensor& p(const std::string& name) const { return parameters_[name]; }

  Dual linear(const std::string& name, const Dual& x) const { return x.times(p(name + ".weight")) + p(name + ".bias"); }

  std::vector<Tensor> with_conditions(const Tensor& velocity, const Shape& nothing) const {
    std::vector<Tensor> all{velocity};
    for (std::size_t f = 1; f < spaces_.size(); ++f) all.push_back(at::empty(nothing, velocity.options()));
    return all;
  }

  // By how much the particles have moved in the end: [B, N, D].
  Dual displacement(const Dual& x, const Tensor& given) const {
    Dual h = linear("embedding", {given.unsqueeze(1).expand({-1, cloud_->particles(), -1})}), y = x;
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = "layer." + std::to_string(i) + ".";
      const bool last = i + 1 == options_.depth;
      const Dual own = linear(name + "message.own", h), other = h.times(p(name + "message.other.weight"));
      const PairMessages all = pair_messages(pairs_[static_cast<std::size_t>(i)], own, other, y, x, !last);
      y = y + all.move;
      if (!last) h = h + features(name, h, all.heard);
    }
    const Dual moved = y - x;
    return {PointCloud::centred(moved.value),
            moved.derivative.defined() ? PointCloud::centred(moved.derivative) : Tensor()};
  }

  // What all particles are told: time and conditions, [B, given].
  Tensor given(const State& x, const Tensor& t) const {
    const Tensor phase = t.unsqueeze(1) * frequencies_;
    std::vector<Tensor> parts{t.unsqueeze(1), phase.cos(), phase.sin()};
    for (std::size_t f = 1; f < x.size(); ++f) parts.push_back(spaces_[f]->features(x[f]));
    return at::cat(parts, 1);
  }

  PairWeights pairs(const std::string& name) const {
    PairWeights w;
    w.distance = p(name + "message.distance.weight");
    w.out = p(name + "message.out.weight"), w.out_bias = p(name + "message.out.bias");
    if (options_.attention) w.attention = p(name + "attention.weight"), w.attention_bias = p(name + "attention.bias");
    w.position = p(name + "position.0.weight"), w.position_bias = p(name + "position.0.bias");
    w.pull = p(name + "position.out.weight");
    w.radial = {options_.radial_features, options_.radial_reach};
    return w;
  }

  Dual features(const std::string& name, const Dual& h, const Dual& m) const {
    const Dual hidden = silu(linear(name + "feature.own", h) + m.times(p(name + "feature.other.weight")));
    return linear(name + "feature.out", hidden);
  }

  std::vector<std::pair<std::string, Tensor>> initial(const ModelContext& context) const {
    constexpr double kPositionGain = 0.01;  // training begins near the zero field
    const int64_t w = options_.width;
    std::vector<std::pair<std::string, Tensor>> all;
    const auto dense = [&](const std::string& name, int64_t in, int64_t out, double gain, bool bias = true) {
      Rng rng(context.seed, "model/" + name);
      const double scale = gain / std::sqrt(static_cast<double>(in));
      all.emplace_back(name + ".weight", scale * rng.normal({in, out}, context.options));
      if (bias) all.emplace_back(name + ".bias", at::zeros({out}, context.options));
    };
    dense("embedding", given_, w, 1);
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = "layer." + std::to_string(i) + ".";
      dense(name + "message.own", w, w, 1);
      dense(name + "message.other", w, w, 1, false);
      dense(name + "message.distance", 2 + options_.radial_features, w, 1, false);
      dense(name + "message.out", w, w, 1);
      if (options_.attention) dense(name + "attention", w, 1, 1);
      dense(name + "position.0", w, w, 1);
      dense(name + "position.out", w, 1, kPositionGain, false);
      if (i + 1 == options_.depth) continue;
      dense(name + "feature.own", w, w, 1);
      dense(name + "feature.other", w, w, 1, false);
      dense(name + "feature.out", w, w, 1);
    }
    return all;
  }

  Options options_;
  Spaces spaces_;
  const PointCloud* cloud_;
  int64_t given_ = 0;
  Parameters parameters_;
  std::vector<PairWeights> pairs_;  // of each layer
  Tensor frequencies_;
};

}  // namespace

void add_egnn(Catalog& c) {
  c.models.add<Egnn>("egnn",
                     {"An E(n)-equivariant graph network on all pairs of particles; time and conditions as features.",
                      "Satorras et al. 2021, arXiv 2102.09844; Klein et al. 2023, arXiv 2306.15030"});
}

}  // namespace genmatch
