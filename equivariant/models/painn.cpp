#include <string>

#include "core/config/catalog.h"
#include "core/config/fields.h"
#include "core/ops.h"
#include "equivariant/models/cloud_model.h"
#include "equivariant/models/filtered_messages.h"

namespace genmatch {
namespace {

struct PainnOptions {
  int64_t width = 32, depth = 3;
  TimeFeatures::Options time{2, false};
  RadialFeatures radial{20, 5};
  void fields(Fields& f) {
    f("width", width, "scalars and vectors of each particle", at_least(1));
    f("depth", depth, "rounds of messages", at_least(1));
    time.fields(f);
    f("radial_features", radial.count, "Gaussians of the distance that filters are made of", at_least(2));
    f("radial_reach", radial.reach, "their centres lie evenly from 0 to this distance", above(0));
  }
};

/// Each particle has scalars s_i and as many vectors v_i, which begin at zero. In each round all particles are heard
/// through filters W of their distance (the products are taken number by number),
///   (a, b, c)_ij = phi(s_j) W(|x_i - x_j|),  s_i += sum_j a_ij,  v_i += sum_j b_ij v_j + c_ij (x_i - x_j) / (1 +
///   d_ij),
/// and then scalars and vectors of one particle act on each other: with p = U v, q = V v,
/// (a, b, c) = phi(s, |q|), v += a p, s += b + c <p, q>. The velocity is a sum of the vectors weighed by the scalars.
class Painn final : public CloudModel {
 public:
  using Options = PainnOptions;
  Painn(const Options& options, const ModelContext& context)
      : CloudModel(context, options.time, "painn"), options_(options) {
    finish(initial(context), options.width);
  }

 private:
  struct Particles {
    Dual s;  // [B, N, F]
    Dual v;  // [B, N, D, F]; undefined values are zeros
  };
  Network network(const Dual& x, const Dual& told, const Tensor& presence) const override {
    const Neighbours neighbours(x, presence, options_.radial, options_.width);
    Particles now{linear("embedding", told), {Tensor()}};
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = layer(i);
      const Neighbours::Heard heard =
          neighbours.hear(p(name + "filter.weight"), perceptron(name + "message", now.s), now.v);
      now = {now.s + heard.scalars, now.v.value.defined() ? now.v + heard.vectors : heard.vectors};
      think(name, now);
    }
    const Dual weights = perceptron("velocity", now.s).unsqueeze(-2);  // [B, N, 1, F]
    return {(weights * now.v).sum(-1), now.s};
  }

  void think(const std::string& name, Particles& now) const {
    constexpr double epsilon = 1e-4;
    const int64_t f = options_.width;
    const Dual u = now.v.times(p(name + "mix.first.weight")), w = now.v.times(p(name + "mix.second.weight"));
    const Dual length = root((w * w).sum(-2), epsilon);
    const Dual act = perceptron(name + "update", now.s, length);
    const auto part = [&](int64_t k) { return act.narrow(-1, k * f, f); };
    now = {now.s + part(1) + part(2) * (u * w).sum(-2), now.v + part(0).unsqueeze(-2) * u};
  }

  Dual perceptron(const std::string& name, const Dual& x) const {
    return linear(name + ".out", silu(linear(name + ".hidden", x)));
  }
  Dual perceptron(const std::string& name, const Dual& x, const Dual& y) const {
    return linear(name + ".out", silu(linear(name + ".hidden", x) + y.times(p(name + ".beside.weight"))));
  }

  Initial initial(const ModelContext& context) const {
    constexpr double kOutputGain = 0.01;  // training begins near the zero field
    const int64_t f = options_.width;
    Initial all{context, {}};
    all.dense("embedding", told_size(), f);
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = layer(i);
      all.dense(name + "message.hidden", f, f);
      all.dense(name + "message.out", f, 3 * f);
      all.dense(name + "filter", options_.radial.count, 3 * f, 2, false);
      all.dense(name + "mix.first", f, f, 1, false);
      all.dense(name + "mix.second", f, f, 1, false);
      all.dense(name + "update.hidden", f, f);
      all.dense(name + "update.beside", f, f, 1, false);
      all.dense(name + "update.out", f, 3 * f);
    }
    all.dense("velocity.hidden", f, f);
    all.dense("velocity.out", f, f, kOutputGain);
    return all;
  }

  Options options_;
};

}  // namespace

void add_painn(Catalog& c) {
  c.models.add<Painn>("painn", {"An E(n)-equivariant network whose particles have vectors beside scalars and hear all "
                                "others through filters of the distance; time and conditions as features.",
                                "Schütt et al. 2021, arXiv 2102.03150"});
}

}  // namespace genmatch
