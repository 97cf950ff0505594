#pragma once
#include <vector>

#include "core/learn/model.h"
#include "core/learn/time_features.h"

namespace genmatch {

/// ContractError unless x has one [B, *event] for each of the spaces and t is [B].
void check_network_input(const Spaces& spaces, const State& x, const Tensor& t);

/// What a network is fed: of every factor the features of its space, optionally with random Fourier features of them
/// (Tancik et al. 2020, arXiv 2006.10739), and of the time its TimeFeatures.
class NetworkInputs {
 public:
  struct Options {
    TimeFeatures::Options time;
    int64_t position_features = 0;        ///< frequencies drawn per scale
    std::vector<double> position_scales;  ///< standard deviation of the frequencies, radians per unit of feature
  };
  struct Jvp {
    Tensor value, derivative;  ///< [B, size], [K, B, size]
  };
  NetworkInputs(const Options& options, const ModelContext& context);

  int64_t size() const { return size_; }
  /// [B, size]. ContractError as check_network_input.
  Tensor at(const State& x, const Tensor& t) const;
  /// With the derivative along directions [K, B, *event] per factor, t held fixed.
  Jvp jvp(const State& x, const Tensor& t, const State& directions) const;

 private:
  Spaces spaces_;
  std::vector<Tensor> frequencies_;  // per factor [feature_size, position_features * scales]; empty if there are none
  TimeFeatures time_;
  int64_t size_ = 0;
};

}  // namespace genmatch
