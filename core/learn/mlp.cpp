#include <cmath>
#include <numeric>
#include <string>

#include "core/errors.h"
#include "core/learn/dense.h"
#include "core/learn/model.h"
#include "core/learn/network_inputs.h"
#include "core/ops.h"

namespace genmatch {
namespace {

class Mlp final : public Model {
 public:
  struct Options {
    int64_t width = 256;
    int64_t depth = 4;
    std::string activation = "silu";
    bool residual = false;
    bool layer_norm = false;
    TimeFeatures::Options time;
    int64_t position_features = 0;
    std::vector<double> position_scales{1, 4};
    void fields(Fields& f) {
      f("width", width, "units per hidden layer", at_least(1));
      f("depth", depth, "hidden layers", at_least(1));
      f("activation", activation, "nonlinearity", one_of(activation_names()));
      f("residual", residual, "add each hidden layer's input (from the second on) to its output");
      f("layer_norm", layer_norm, "normalise each hidden layer's units before the nonlinearity");
      time.fields(f);
      f("position_features", position_features,
        "random Fourier features of the position per scale, for densities with fine detail; 0 = none", at_least(0));
      f("position_scales", position_scales,
        "standard deviations of their frequencies, radians per unit of the space's features", above(0) & not_empty());
    }
  };

  Mlp(const Options& options, const ModelContext& context)
      : heads_(context.head_sizes),
        inputs_({options.time, options.position_features, options.position_scales}, context) {
    const int64_t output = std::accumulate(heads_.begin(), heads_.end(), int64_t{0});
    if (output < 1) throw OptionError("", "no generator of this experiment wants a network's output");
    parameters_ = Parameters(initial(options, context, inputs_.size(), output));
    std::vector<DenseLayer> layers;
    for (int64_t i = 0; i < options.depth; ++i) {
      const std::string name = "hidden." + std::to_string(i) + ".";
      layers.push_back({parameters_[name + "weight"], parameters_[name + "bias"],
                        options.layer_norm ? parameters_[name + "gain"] : Tensor(), &activation(options.activation),
                        options.residual && i > 0});
    }
    layers.push_back({parameters_["output.weight"], parameters_["output.bias"], {}, nullptr, false});
    stack_ = DenseStack(std::move(layers));
  }

  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    return stack_.forward(inputs_.at(x, t)).split_with_sizes(heads_, -1);
  }

  ModelJvp jvp(const State& x, const Tensor& t, const State& directions) const override {
    at::NoGradGuard no_grad;
    const NetworkInputs::Jvp inputs = inputs_.jvp(x, t, directions);
    const auto [output, derivative] = stack_.jvp(inputs.value, inputs.derivative);
    return {output.split_with_sizes(heads_, -1), derivative.split_with_sizes(heads_, -1)};
  }

  Parameters& parameters() override { return parameters_; }

 private:
  // The output layer starts small, so that training begins near the zero field; not at zero, where the other
  // layers would get no gradient.
  static std::vector<std::pair<std::string, Tensor>> initial(const Options& options, const ModelContext& context,
                                                             int64_t inputs, int64_t outputs) {
    constexpr double kOutputGain = 0.01;
    std::vector<std::pair<std::string, Tensor>> all;
    const auto dense = [&](const std::string& name, int64_t in, int64_t out, double gain) {
      Rng rng(context.seed, "model/" + name);
      const double scale = gain / std::sqrt(static_cast<double>(in));
      all.emplace_back(name + ".weight", scale * rng.normal({in, out}, context.options));
      all.emplace_back(name + ".bias", at::zeros({out}, context.options));
    };
    const double gain = activation(options.activation).gain();
    for (int64_t i = 0; i < options.depth; ++i) {
      const std::string name = "hidden." + std::to_string(i);
      dense(name, i == 0 ? inputs : options.width, options.width, gain);
      if (options.layer_norm) all.emplace_back(name + ".gain", at::ones({options.width}, context.options));
    }
    // With few inputs the units of the first layer need thresholds of their own to tell regions apart.
    all[1].second = Rng(context.seed, "model/hidden.0.bias").normal({options.width}, context.options);
    dense("output", options.width, outputs, kOutputGain);
    return all;
  }

  std::vector<int64_t> heads_;
  NetworkInputs inputs_;
  Parameters parameters_;
  DenseStack stack_;
};

}  // namespace

void add_mlp(Catalog& c) {
  c.models.add<Mlp>("mlp", {"A multilayer perceptron on the features of the point and of the time.", ""});
}

}  // namespace genmatch
