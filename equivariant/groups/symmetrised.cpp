#include "core/config/choice.h"
#include "core/errors.h"
#include "core/learn/model.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "equivariant/groups/group.h"

namespace genmatch {
namespace {

struct SymmetrisedOptions {
  ModelChoice model{"mlp"};
  GroupChoice group{"crystal"};
  void fields(Fields& f) {
    f("model", model, "the network whose mean is taken");
    f("group", group, "a finite group, over whose elements");
  }
};

/// v(x) = mean over g of g^{-1} v_inner(g x): equivariant whatever the inner model is, at |G| times its price.
class Symmetrised final : public Model {
 public:
  using Options = SymmetrisedOptions;
  Symmetrised(const Options& options, const ModelContext& context)
      : space_(only_moving(context.spaces, "model symmetrised")),
        inner_(options.model.make(context)),
        group_(options.group.make(space_)) {
    if (context.head_sizes.at(0) != space_->event_size())
      throw OptionError("", "turns vectors of " + space_->describe() + ", " + std::to_string(space_->event_size()) +
                                " numbers, and " + std::to_string(context.head_sizes[0]) + " are wanted");
    const auto all = group_->elements(context.options);
    if (!all)
      throw OptionError("group",
                        "needs a group whose elements can be listed, but there are too many " + group_->describe());
    elements_ = *all;
  }

  std::vector<Tensor> forward(const State& x, const Tensor& t) const override {
    const int64_t rows = t.size(0);
    const GroupElements g = select(elements_, each(rows));
    std::vector<Tensor> output = inner_->forward(images(g, x), t.repeat({order()}));
    output[0] = mean(back(g, output[0]), 0, rows);
    for (std::size_t f = 1; f < output.size(); ++f) output[f] = output[f].narrow(0, 0, rows);
    return output;
  }

  ModelJvp jvp(const State& x, const Tensor& t, const State& directions) const override {
    at::NoGradGuard no_grad;
    const int64_t rows = t.size(0), count = directions.at(0).size(0);
    const GroupElements g = select(elements_, each(rows));
    State along;
    for (const Tensor& d : directions) along.push_back(repeated(d, 1));
    for (int64_t k = 0; k < count; ++k) along[0][k] = group_->push(g, along[0][k]);
    ModelJvp all = inner_->jvp(images(g, x), t.repeat({order()}), along);
    all.output[0] = mean(back(g, all.output[0]), 0, rows);
    Tensor& derivative = all.derivative[0];
    std::vector<Tensor> turned;
    for (int64_t k = 0; k < count; ++k) turned.push_back(back(g, derivative[k]));
    derivative = mean(at::stack(turned), 1, rows);
    for (std::size_t f = 1; f < all.output.size(); ++f) {
      all.output[f] = all.output[f].narrow(0, 0, rows);
      all.derivative[f] = all.derivative[f].narrow(1, 0, rows);
    }
    return all;
  }

  Parameters& parameters() override { return inner_->parameters(); }

 private:
  int64_t order() const { return elements_[0].size(0); }
  /// The elements' indices, each as often as there are rows, one block after another.
  Tensor each(int64_t rows) const { return at::arange(order(), at::kLong).repeat_interleave(rows); }
  /// All of x along `dim`, as often as there are elements.
  Tensor repeated(const Tensor& x, int64_t dim) const {
    Shape times(static_cast<std::size_t>(x.dim()), 1);
    times[static_cast<std::size_t>(dim)] = order();
    return x.repeat(times);
  }
  State images(const GroupElements& g, const State& x) const {
    State all;
    for (const Tensor& factor : x) all.push_back(repeated(factor, 0));
    all[0] = group_->act(g, all[0]);
    return all;
  }
  /// What was put out at images, [order * B, size], as tangents at the points themselves.
  Tensor back(const GroupElements& g, const Tensor& output) const {
    Shape shape = space_->event_shape();
    shape.insert(shape.begin(), output.size(0));
    return group_->push(group_->inverse(g), output.reshape(shape)).flatten(1);
  }
  Tensor mean(const Tensor& output, int64_t dim, int64_t rows) const {
    return output.unflatten(dim, {order(), rows}).mean(dim);
  }

  SpacePtr space_;
  std::shared_ptr<Model> inner_;
  std::shared_ptr<const Group> group_;
  GroupElements elements_;
};

}  // namespace

void add_symmetrised(Catalog& c) {
  c.models.add<Symmetrised>("symmetrised", {"Another model's mean over a finite group, equivariant by construction.",
                                            "Puny et al. 2022, arXiv 2110.03336, sec. 2"});
}

}  // namespace genmatch
