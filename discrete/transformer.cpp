#include <cmath>
#include <optional>
#include <string>

#include "core/config/catalog.h"
#include "core/config/fields.h"
#include "core/errors.h"
#include "core/learn/network_inputs.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "discrete/alphabet.h"

namespace genmatch {
namespace {

struct TransformerOptions {
  int64_t width = 128, depth = 4, heads = 4, expansion = 4;
  bool time = true;
  void fields(Fields& f) {
    f("width", width, "numbers per coordinate of a word", at_least(2));
    f("depth", depth, "blocks of attention and perceptron", at_least(1));
    f("heads", heads, "of attention; twice their number divides the width", at_least(1));
    f("expansion", expansion, "width of the perceptrons' hidden layer, in widths", at_least(1));
    f("time", time, "whether the network sees the time; on masked paths the masks tell it, so that it may as well not");
  }
};

// (x - mean) / deviation along the last dimension, times 1 + scale, plus shift.
Tensor modulated(const Tensor& x, const Tensor& scale, const Tensor& shift) {
  constexpr double epsilon = 1e-5;
  return at::addcmul(shift, at::layer_norm(x, {x.size(-1)}, {}, {}, epsilon), 1 + scale);
}

/// Every coordinate attends to every other; its place enters by rotary position embeddings (Su et al. 2021, arXiv
/// 2104.09864), time and conditions by adaptive layer norms (Peebles & Xie 2023, arXiv 2212.09748) in each block,
/// which are constants without them.
class Transformer final : public Model {
 public:
  using Options = TransformerOptions;
  Transformer(const Options& options, const ModelContext& context) : options_(options) {
    take_spaces(context);
    if (options.width % (2 * options.heads) != 0)
      throw OptionError("heads", "twice the number of heads must divide the width, " + std::to_string(options.width));
    length_ = alphabet_->event_size();
    symbols_ = context.head_sizes[0] / length_;
    if (context.head_sizes[0] != symbols_ * length_)
      throw OptionError("", "puts out as many numbers for each coordinate, and " +
                                std::to_string(context.head_sizes[0]) + " cannot be shared out among " +
                                std::to_string(length_));
    parameters_ = Parameters(initial(context));
    const int64_t half = options.width / options.heads / 2;
    const Tensor frequency = at::pow(1e-4, at::arange(half, at::kDouble) / static_cast<double>(half));
    const Tensor angle = at::arange(length_, at::kDouble).unsqueeze(1) * frequency;
    cosine_ = angle.cos().to(context.options).unsqueeze(1);  // [L, 1, half]
    sine_ = angle.sin().to(context.options).unsqueeze(1);
  }

  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    check_network_input(spaces_, x, t);
    const int64_t rows = t.size(0);
    Tensor h = at::embedding(p("symbols"), alphabet_->indices(x[0]).reshape({rows, length_}));
    const Tensor given = conditioning(x, t);
    for (int64_t i = 0; i < options_.depth; ++i) h = block("block." + std::to_string(i) + ".", h, given);
    const std::vector<Tensor> m = modulation("output.", given, 2);
    const Tensor logits = at::linear(modulated(h, m[0], m[1]), p("output.weight"), p("output.bias"));
    std::vector<Tensor> all{logits.reshape({rows, length_ * symbols_})};
    for (std::size_t f = 1; f < x.size(); ++f) all.push_back(at::empty({rows, 0}, logits.options()));
    return all;
  }

  Parameters& parameters() override { return parameters_; }

 private:
  void take_spaces(const ModelContext& context) {
    spaces_ = context.spaces;
    if (spaces_.empty()) throw OptionError("", "needs an alphabet");
    alphabet_ = &as_alphabet(*spaces_[0], "model transformer");
    for (std::size_t f = 1; f < spaces_.size(); ++f) {
      const Manifold* const manifold = spaces_[f]->manifold();
      if (manifold == nullptr || manifold->dim() != 0 || context.head_sizes[f] != 0)
        throw OptionError("", "takes one alphabet, and conditions beside it, but not " + spaces_[f]->describe());
      given_size_ += spaces_[f]->feature_size();
    }
    if (options_.time) given_size_ += time_features;
  }

  const Tensor& p(const std::string& name) const { return parameters_[name]; }

  // What the blocks are told of time and conditions: [B, width]; undefined if there is nothing.
  Tensor conditioning(const State& x, const Tensor& t) const {
    if (given_size_ == 0) return {};
    std::vector<Tensor> parts;
    if (options_.time) {
      const Tensor phase = t.unsqueeze(1) * at::arange(1, time_features / 2 + 1, t.options()) * M_PI;
      parts = {phase.cos(), phase.sin()};
    }
    for (std::size_t f = 1; f < x.size(); ++f) parts.push_back(spaces_[f]->features(x[f]));
    const Tensor hidden = at::silu(at::linear(at::cat(parts, 1), p("given.0.weight"), p("given.0.bias")));
    return at::silu(at::linear(hidden, p("given.1.weight"), p("given.1.bias")));
  }

  // `count` vectors that broadcast over coordinates: [B, 1, width], or constants [width].
  std::vector<Tensor> modulation(const std::string& name, const Tensor& given, int64_t count) const {
    const Tensor constant = p(name + "modulation.bias");
    if (!given.defined()) return constant.chunk(count, 0);
    return at::linear(given, p(name + "modulation.weight"), constant).unsqueeze(1).chunk(count, 2);
  }

  Tensor block(const std::string& name, const Tensor& h, const Tensor& given) const {
    const std::vector<Tensor> m = modulation(name, given, 6);
    const Tensor attended = h + m[2] * attention(name, modulated(h, m[0], m[1]));
    const Tensor hidden = at::linear(modulated(attended, m[3], m[4]), p(name + "mlp.0.weight"), p(name + "mlp.0.bias"));
    return attended + m[5] * at::linear(at::silu(hidden), p(name + "mlp.1.weight"), p(name + "mlp.1.bias"));
  }

  // x [B, L, heads, 2 * half] turned by the angles of its place.
  Tensor rotated(const Tensor& x) const {
    const std::vector<Tensor> halves = x.chunk(2, -1);
    return at::cat({halves[0] * cosine_ - halves[1] * sine_, halves[0] * sine_ + halves[1] * cosine_}, -1);
  }

  Tensor attention(const std::string& name, const Tensor& h) const {
    const int64_t rows = h.size(0), size = options_.width / options_.heads;
    const Tensor all = at::linear(h, p(name + "attention.weight"), p(name + "attention.bias"));
    const Tensor parts = all.reshape({rows, length_, 3, options_.heads, size});
    const auto by_head = [](const Tensor& x) { return x.transpose(1, 2); };  // [B, heads, L, size]
    const Tensor query = by_head(rotated(parts.select(2, 0))), key = by_head(rotated(parts.select(2, 1)));
    const Tensor weights =
        at::softmax(at::matmul(query * (1 / std::sqrt(static_cast<double>(size))), key.transpose(2, 3)), -1);
    const Tensor mixed = at::matmul(weights, by_head(parts.select(2, 2)));
    return at::linear(by_head(mixed).reshape({rows, length_, options_.width}), p(name + "mix.weight"),
                      p(name + "mix.bias"));
  }

  std::vector<std::pair<std::string, Tensor>> initial(const ModelContext& context) const {
    const int64_t w = options_.width, hidden = options_.expansion * w;
    std::vector<std::pair<std::string, Tensor>> all;
    const auto linear = [&](const std::string& name, int64_t in, int64_t out, double gain) {
      Rng rng(context.seed, "model/" + name);
      const double scale = gain / std::sqrt(static_cast<double>(in));
      all.emplace_back(name + ".weight", scale * rng.normal({out, in}, context.options));
      all.emplace_back(name + ".bias", at::zeros({out}, context.options));
    };
    // Gates and scales stay near their constants at first, but not at them, or what is behind would get no gradient.
    const auto modulation = [&](const std::string& name, const std::vector<double>& constants) {
      if (given_size_ > 0) linear(name + "modulation", w, static_cast<int64_t>(constants.size()) * w, small);
      if (given_size_ > 0) all.pop_back();
      std::vector<Tensor> parts;
      for (const double c : constants) parts.push_back(at::full({w}, c, context.options));
      all.emplace_back(name + "modulation.bias", at::cat(parts));
    };
    all.emplace_back("symbols", Rng(context.seed, "model/symbols").normal({alphabet_->values(), w}, context.options));
    if (given_size_ > 0) {
      linear("given.0", given_size_, w, 1);
      linear("given.1", w, w, 1);
    }
    const double depth_gain = 1 / std::sqrt(2.0 * static_cast<double>(options_.depth));
    for (int64_t i = 0; i < options_.depth; ++i) {
      const std::string name = "block." + std::to_string(i) + ".";
      modulation(name, {0, 0, 1, 0, 0, 1});
      linear(name + "attention", w, 3 * w, 1);
      linear(name + "mix", w, w, depth_gain);
      linear(name + "mlp.0", w, hidden, std::sqrt(2.0));
      linear(name + "mlp.1", hidden, w, depth_gain);
    }
    modulation("output.", {0, 0});
    linear("output", w, symbols_, small);
    return all;
  }

  static constexpr int64_t time_features = 32;
  static constexpr double small = 0.02;
  Options options_;
  Spaces spaces_;
  const Alphabet* alphabet_ = nullptr;
  int64_t length_ = 0, symbols_ = 0, given_size_ = 0;
  Parameters parameters_;
  Tensor cosine_, sine_;
};

}  // namespace

void add_transformer(Catalog& c) {
  c.models.add<Transformer>(
      "transformer",
      {"A transformer that looks both ways, with rotary positions, on the words of an alphabet; time and conditions by "
       "adaptive layer norms.",
       "Vaswani et al. 2017, arXiv 1706.03762; Peebles & Xie 2023, arXiv 2212.09748"});
}

}  // namespace genmatch
