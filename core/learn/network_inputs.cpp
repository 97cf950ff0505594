#include "core/learn/network_inputs.h"

#include <string>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/space.h"

namespace genmatch {

NetworkInputs::NetworkInputs(const Options& options, const ModelContext& context)
    : spaces_(context.spaces), time_(options.time, context.options), size_(time_.size()) {
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const int64_t features = spaces_[i]->feature_size();
    size_ += features;
    if (options.position_features == 0) continue;
    Rng rng = Rng(context.seed, "model/position_features", i);
    std::vector<Tensor> scaled;
    for (double scale : options.position_scales)
      scaled.push_back(scale * rng.normal({features, options.position_features}, context.options));
    frequencies_.push_back(at::cat(scaled, 1));
    size_ += 2 * frequencies_.back().size(1);
  }
}

void check_network_input(const Spaces& spaces, const State& x, const Tensor& t) {
  if (x.size() != spaces.size())
    throw ContractError("model: x: expected " + std::to_string(spaces.size()) + " factors, got " +
                        std::to_string(x.size()));
  if (t.dim() != 1) throw ContractError("model: t: expected shape [B], got " + std::to_string(t.dim()) + " dimensions");
  for (std::size_t i = 0; i < x.size(); ++i) {
    Shape expected = spaces[i]->event_shape();
    expected.insert(expected.begin(), t.size(0));
    if (x[i].sizes() != at::IntArrayRef(expected))
      throw ContractError("model: x[" + std::to_string(i) + "]: expected shape " + c10::str(at::IntArrayRef(expected)) +
                          ", got " + c10::str(x[i].sizes()));
  }
}

Tensor NetworkInputs::at(const State& x, const Tensor& t) const {
  check_network_input(spaces_, x, t);
  std::vector<Tensor> parts;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Tensor features = spaces_[i]->features(x[i]);
    parts.push_back(features);
    if (frequencies_.empty()) continue;
    const Tensor phase = features.matmul(frequencies_[i]);
    parts.push_back(at::cos(phase));
    parts.push_back(at::sin(phase));
  }
  parts.push_back(time_.at(t));
  return at::cat(parts, -1);
}

NetworkInputs::Jvp NetworkInputs::jvp(const State& x, const Tensor& t, const State& directions) const {
  check_network_input(spaces_, x, t);
  if (directions.size() != x.size())
    throw ContractError("model: directions: expected " + std::to_string(x.size()) + " factors, got " +
                        std::to_string(directions.size()));
  std::vector<Tensor> values, derivatives;
  for (std::size_t i = 0; i < x.size(); ++i) {
    values.push_back(spaces_[i]->features(x[i]));
    derivatives.push_back(spaces_[i]->features_jvp(x[i], directions[i]));
    if (frequencies_.empty()) continue;
    const Tensor phase = values.back().matmul(frequencies_[i]);
    const Tensor turn = derivatives.back().matmul(frequencies_[i]);
    const Tensor cosine = at::cos(phase), sine = at::sin(phase);
    values.push_back(cosine);
    values.push_back(sine);
    derivatives.push_back(-sine * turn);
    derivatives.push_back(cosine * turn);
  }
  values.push_back(time_.at(t));
  const int64_t directions_count = derivatives.front().size(0);
  derivatives.push_back(at::zeros({directions_count, t.size(0), values.back().size(-1)}, t.options()));
  return {at::cat(values, -1), at::cat(derivatives, -1)};
}

}  // namespace genmatch
