#pragma once
#include <string>
#include <utility>
#include <vector>

#include "core/learn/model.h"
#include "core/learn/time_features.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/models/dual.h"

namespace genmatch {

/// What networks on clouds of particles share. The first factor is the cloud; the others are told to the particles and
/// do not turn with them:
///   - one value for each particle (a shape [N, ...] or [N], as atoms' kinds are): goes to its particle, and what is
///     wanted of it is read from its particle's features (an invariant head for each);
///   - anything else: goes to all particles, and what is wanted is read from the sum of all features (one invariant
///     head).
/// So velocities turn, mirror and change places with the particles, values for each particle change places with them,
/// and the rest stays as it is; nothing sees translations.
class CloudModel : public Model {
 public:
  std::vector<Tensor> forward(const State& x, const Tensor& t) const final;
  ModelJvp jvp(const State& x, const Tensor& t, const State& directions) const final;
  Parameters& parameters() final { return parameters_; }

 protected:
  /// Parameters by name, drawn from the seed.
  struct Initial {
    const ModelContext& context;
    std::vector<std::pair<std::string, Tensor>> all;
    /// name.weight [in, out], normal with standard deviation gain / sqrt(in), and name.bias [out], zero.
    void dense(const std::string& name, int64_t in, int64_t out, double gain = 1, bool bias = true);
  };
  struct Network {
    Dual velocity;  ///< [B, N, D]
    Dual features;  ///< invariant, [B, N, width]; unused unless invariant_heads()
  };

  /// What the names of a layer's parameters begin with.
  static std::string layer(int64_t i) { return "layer." + std::to_string(i) + "."; }
  /// OptionError unless there is one cloud, first, which wants a vector for each particle.
  CloudModel(const ModelContext& context, const TimeFeatures::Options& time, const char* name);
  /// `width` of the network's features. To be called once, at the end of a constructor.
  void finish(Initial initial, int64_t width);
  /// x [B, N, D], told [B, N, told_size()], presence [B, N, 1] or undefined (PointCloud::presence): of particles that
  /// are not there nothing may be heard, and what is said of them does not matter. The mean of the velocity is taken
  /// away afterwards.
  virtual Network network(const Dual& x, const Dual& told, const Tensor& presence) const = 0;

  const PointCloud& cloud() const { return *cloud_; }
  int64_t told_size() const { return told_size_; }
  bool invariant_heads() const { return !heads_.empty(); }
  const Tensor& p(const std::string& name) const { return parameters_[name]; }
  Dual linear(const std::string& name, const Dual& x) const { return x.times(p(name + ".weight")) + p(name + ".bias"); }

 private:
  struct Head {
    std::size_t factor;
    bool each;     // of every particle
    int64_t size;  // numbers wanted, of each particle or in all
  };
  bool of_each_particle(std::size_t factor) const;
  Dual told(const State& x, const Tensor& t, const State& directions) const;
  std::vector<Dual> run(const State& x, const Tensor& t, const State& directions) const;

  Spaces spaces_;
  std::vector<int64_t> sizes_;
  const PointCloud* cloud_;
  TimeFeatures time_;
  int64_t told_size_;
  std::vector<Head> heads_;
  Parameters parameters_;
};

}  // namespace genmatch
