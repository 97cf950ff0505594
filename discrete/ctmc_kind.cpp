#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "discrete/posterior.h"

namespace genmatch {
namespace {

class CtmcKind final : public ConditionalGenerator {
 public:
  struct Options {
    std::string predict = "others";
    void fields(Fields& f) {
      f("predict", predict,
        "what the logits are of: a data symbol given the `others`, the coordinates of x_t beside its own (what that "
        "one says is known exactly, and added); or its `posterior` given all of x_t; with masks the same",
        one_of({"others", "posterior"}));
    }
  };
  CtmcKind(const Options& options, const SpacePtr& space, const PathPtr& path)
      : space_(space), path_of_factor_(path), path_(mixture_path(path, *space, "x", "generator ctmc")) {
    adds_evidence_ = options.predict == "others" && !path_.masked();
    if (adds_evidence_ && !path_.independent())
      throw OptionError("predict", "`others` needs a source of independent symbols; write `predict: posterior`");
  }

  Coefficients given(const Tensor& xt, const Tensor& t, const Tensor&, const Tensor& x1) const override {
    return {{}, {}, rates_at(path_, xt, t, log_certainty(path_.alphabet(), x1, xt.options())), {}};
  }
  Coefficients from_output(const Tensor& xt, const Tensor& t, const Tensor& output) const override {
    return {{}, {}, rates_at(path_, xt, t, log_posterior(path_, xt, logits(xt, t, output))), {}};
  }
  Tensor from_output_jvp(const Tensor&, const Tensor&, const Tensor&, const Tensor&, const Tensor&) const override {
    return {};
  }
  Tensor logits(const Tensor& xt, const Tensor& t, const Tensor& output) const override {
    Shape shape = xt.sizes().vec();
    shape.push_back(path_.alphabet().symbols());
    const Tensor all = output.reshape(shape);
    return adds_evidence_ ? all + log_evidence(path_, xt, t, all.options()) : all;
  }
  Head head() const override { return {space_->event_size() * path_.alphabet().symbols()}; }
  Role role() const override { return Role::carries; }

 private:
  SpacePtr space_;
  PathPtr path_of_factor_;
  const MixturePath& path_;
  bool adds_evidence_;
};

}  // namespace

void add_ctmc_kind(Catalog& c) {
  c.generators.add<CtmcKind>(
      "ctmc",
      {"A Markov chain on the words of an alphabet, whose coordinates jump to symbols that the network thinks to "
       "be those of the data: discrete flow matching.",
       "Campbell et al. 2024, arXiv 2402.04997; Gat et al. 2024, arXiv 2407.15595"});
}

}  // namespace genmatch
