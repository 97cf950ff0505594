#include "equivariant/models/cloud_model.h"

#include <algorithm>
#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/learn/network_inputs.h"
#include "core/ops.h"

namespace genmatch {
namespace {

std::string head_name(std::size_t factor) { return "head." + std::to_string(factor + 1); }

}  // namespace

void CloudModel::Initial::dense(const std::string& name, int64_t in, int64_t out, double gain, bool bias) {
  Rng rng(context.seed, "model/" + name);
  const double scale = gain / std::sqrt(static_cast<double>(in));
  all.emplace_back(name + ".weight", scale * rng.normal({in, out}, context.options));
  if (bias) all.emplace_back(name + ".bias", at::zeros({out}, context.options));
}

CloudModel::CloudModel(const ModelContext& context, const TimeFeatures::Options& time, const char* name)
    : spaces_(context.spaces),
      sizes_(context.head_sizes),
      cloud_(&as_point_cloud(*context.spaces.at(0), (std::string("model ") + name).c_str())),
      time_(time, context.options),
      told_size_(time_.size()) {
  if (sizes_[0] != cloud_->event_size())
    throw OptionError("", "puts out one vector for each particle, " + std::to_string(cloud_->event_size()) +
                              " numbers, and " + std::to_string(sizes_[0]) + " are wanted");
  const int64_t particles = cloud_->particles();
  for (std::size_t f = 1; f < spaces_.size(); ++f) {
    if (dynamic_cast<const PointCloud*>(spaces_[f].get()) != nullptr)
      throw OptionError("", "takes one cloud of particles, the first factor, and not two");
    const bool each = of_each_particle(f);
    told_size_ += spaces_[f]->feature_size() / (each ? particles : 1);
    if (sizes_[f] > 0) heads_.push_back({f, each, sizes_[f] / (each ? particles : 1)});
  }
}

// Of alphabets and flat spaces the features come particle by particle, as the values do.
bool CloudModel::of_each_particle(std::size_t factor) const {
  const Space& space = *spaces_[factor];
  const Shape shape = space.event_shape();
  const int64_t particles = cloud_->particles();
  const bool in_order = space.manifold() == nullptr || space.feature_size() == space.event_size();
  return in_order && !shape.empty() && shape[0] == particles && space.feature_size() % particles == 0 &&
         sizes_[factor] % particles == 0;
}

void CloudModel::finish(Initial initial, int64_t width) {
  constexpr double kOutputGain = 0.01;  // training begins near the zero field
  for (const Head& head : heads_) {
    initial.dense(head_name(head.factor) + ".hidden", width, width);
    initial.dense(head_name(head.factor) + ".out", width, head.size, kOutputGain);
  }
  parameters_ = Parameters(initial.all);
}

// What the particles are told: time, and the other factors.
Dual CloudModel::told(const State& x, const Tensor& t, const State& directions) const {
  const int64_t rows = t.size(0), particles = cloud_->particles();
  const auto to_all = [&](const Tensor& each) { return each.unsqueeze(-2).expand({rows, particles, each.size(-1)}); };
  std::vector<Tensor> values{to_all(time_.at(t))}, derivatives;
  const int64_t count = directions.empty() ? 0 : directions[0].size(0);
  if (count > 0) derivatives.push_back(at::zeros({count, rows, particles, values[0].size(-1)}, t.options()));
  for (std::size_t f = 1; f < spaces_.size(); ++f) {
    const bool each = of_each_particle(f);
    const Tensor features = spaces_[f]->features(x[f]);
    values.push_back(each ? features.reshape({rows, particles, features.size(-1) / particles}) : to_all(features));
    if (count == 0) continue;
    const Tensor along = spaces_[f]->features_jvp(x[f], directions[f]).expand({count, rows, features.size(-1)});
    derivatives.push_back(each ? along.reshape({count, rows, particles, along.size(-1) / particles})
                               : along.unsqueeze(-2).expand({count, rows, particles, along.size(-1)}));
  }
  // Time alone has no derivative, and one that is not there costs nothing.
  return {at::cat(values, -1), derivatives.size() > 1 ? at::cat(derivatives, -1) : Tensor()};
}

std::vector<Dual> CloudModel::run(const State& x, const Tensor& t, const State& directions) const {
  const Dual positions{x[0], directions.empty() ? Tensor() : directions[0]};
  const Tensor presence = cloud_->presence(x[0]);
  const Network out = network(positions, told(x, t, directions), presence);
  const auto there = [&](const Dual& each) { return presence.defined() ? each * presence : each; };
  const auto flat = [](const Tensor& each) { return each.defined() ? each.flatten(-2) : each; };
  const auto centred = [&](const Tensor& v) { return v.defined() ? PointCloud::centred(v, presence) : v; };
  const int64_t rows = t.size(0);
  std::vector<Dual> all(spaces_.size(), Dual{at::empty({rows, 0}, t.options())});
  all[0] = {flat(centred(out.velocity.value)), flat(centred(out.velocity.derivative))};
  for (const Head& head : heads_) {
    const std::string name = head_name(head.factor);
    const Dual h = head.each ? out.features : there(out.features).sum(-2);
    const Dual wanted = linear(name + ".out", silu(linear(name + ".hidden", h)));
    all[head.factor] = wanted;
    if (head.each) all[head.factor] = {flat(there(wanted).value), flat(there(wanted).derivative)};
  }
  return all;
}

std::vector<Tensor> CloudModel::forward(const State& x, const Tensor& t) const {
  check_network_input(spaces_, x, t);
  std::vector<Tensor> all;
  for (const Dual& output : run(x, t, {})) all.push_back(output.value);
  return all;
}

ModelJvp CloudModel::jvp(const State& x, const Tensor& t, const State& directions) const {
  check_network_input(spaces_, x, t);
  const at::NoGradGuard no_grad;
  const int64_t rows = t.size(0), count = directions.at(0).size(0);
  ModelJvp all;
  for (const int64_t size : sizes_) {
    all.output.push_back(at::empty({rows, size}, t.options()));
    all.derivative.push_back(at::zeros({count, rows, size}, t.options()));
  }
  // So many at a time that what is computed of the particles, and of pairs along the way, stays in the processor's
  // cache.
  constexpr int64_t pairs = 2048, numbers = 1 << 18, width = 32;
  const int64_t particles = cloud_->particles();
  const int64_t most_rows = std::clamp<int64_t>(pairs / (particles * particles), 1, 128);
  const int64_t most_directions = std::max<int64_t>(1, numbers / (most_rows * particles * width));
  for (int64_t row = 0; row < rows; row += most_rows)
    for (int64_t first = 0; first < count; first += most_directions) {
      const int64_t n = std::min(most_rows, rows - row), k = std::min(most_directions, count - first);
      State part, along;
      for (const Tensor& points : x) part.push_back(points.narrow(0, row, n));
      for (const Tensor& d : directions) along.push_back(d.narrow(0, first, k).narrow(1, row, n));
      const std::vector<Dual> outputs = run(part, t.narrow(0, row, n), along);
      for (std::size_t f = 0; f < outputs.size(); ++f) {
        all.output[f].narrow(0, row, n).copy_(outputs[f].value);
        if (outputs[f].derivative.defined())
          all.derivative[f].narrow(0, first, k).narrow(1, row, n).copy_(outputs[f].derivative);
      }
    }
  return all;
}

}  // namespace genmatch
