#include <string>

#include "core/config/catalog.h"
#include "core/config/fields.h"
#include "core/ops.h"
#include "equivariant/models/cloud_model.h"
#include "equivariant/models/pair_messages.h"

namespace genmatch {
namespace {

struct EgnnOptions {
  int64_t width = 32, depth = 3, radial_features = 0;
  TimeFeatures::Options time{2, false};
  double radial_reach = 5;
  bool attention = true;
  void fields(Fields& f) {
    f("width", width, "numbers per particle and per pair", at_least(1));
    f("depth", depth, "rounds of messages", at_least(1));
    time.fields(f);
    f("radial_features", radial_features,
      "Gaussians of the distance that go in beside its square, to tell short distances apart", at_least(0));
    f("radial_reach", radial_reach, "their centres lie evenly from 0 to this distance", above(0));
    f("attention", attention, "weigh messages by a number in (0, 1) that they say themselves");
  }
};

/// Particles tell each other how far away they are, all in parallel: messages m_ij = phi_e(h_i, h_j, |x_i - x_j|^2,
/// |x_i - x_j|^2 at first), positions x_i += sum_j (x_i - x_j) / (1 + |x_i - x_j|) phi_x(m_ij), features
/// h_i += phi_h(h_i, sum_j m_ij). The velocity is x at last less x at first.
class Egnn final : public CloudModel {
 public:
  using Options = EgnnOptions;
  Egnn(const Options& options, const ModelContext& context)
      : CloudModel(context, options.time, "egnn"), options_(options) {
    finish(initial(context), options.width);
    for (int64_t i = 0; i < options.depth; ++i) pairs_.push_back(pairs(layer(i)));
  }

 private:
  // The features of the last round are for invariant heads.
  bool updates_features(int64_t i) const { return i + 1 < options_.depth || invariant_heads(); }

  Network network(const Dual& x, const Dual& told, const Tensor& presence) const override {
    Dual h = linear("embedding", told), y = x;
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = layer(i);
      const Dual own = linear(name + "message.own", h), other = h.times(p(name + "message.other.weight"));
      const PairMessages all =
          pair_messages(pairs_[static_cast<std::size_t>(i)], {own, other, y, x, presence}, updates_features(i));
      y = y + all.move;
      if (updates_features(i)) h = h + features(name, h, all.heard);
    }
    return {y - x, h};
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

  Initial initial(const ModelContext& context) const {
    constexpr double kPositionGain = 0.01;  // training begins near the zero field
    const int64_t w = options_.width;
    Initial all{context, {}};
    all.dense("embedding", told_size(), w);
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = layer(i);
      all.dense(name + "message.own", w, w);
      all.dense(name + "message.other", w, w, 1, false);
      all.dense(name + "message.distance", 2 + options_.radial_features, w, 1, false);
      all.dense(name + "message.out", w, w);
      if (options_.attention) all.dense(name + "attention", w, 1);
      all.dense(name + "position.0", w, w);
      all.dense(name + "position.out", w, 1, kPositionGain, false);
      if (!updates_features(i)) continue;
      all.dense(name + "feature.own", w, w);
      all.dense(name + "feature.other", w, w, 1, false);
      all.dense(name + "feature.out", w, w);
    }
    return all;
  }

  Options options_;
  std::vector<PairWeights> pairs_;  // of each layer
};

}  // namespace

void add_egnn(Catalog& c) {
  c.models.add<Egnn>("egnn",
                     {"An E(n)-equivariant graph network on all pairs of particles; time and conditions as features.",
                      "Satorras et al. 2021, arXiv 2102.09844; Klein et al. 2023, arXiv 2306.15030"});
}

}  // namespace genmatch
