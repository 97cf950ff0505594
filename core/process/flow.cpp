#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/conditional_generator.h"
#include "core/process/manifold.h"
#include "core/process/path.h"

namespace genmatch {
namespace {

class Flow final : public ConditionalGenerator {
 public:
  using Options = NoOptions;
  Flow(const Options&, const SpacePtr& space, const PathPtr& path) : space_(space), path_(path) {
    if (space->manifold() == nullptr) {
      throw OptionError("", "a flow needs a manifold to move on, and " + space->describe() + " is none");
    }
  }

  Coefficients given(const Tensor& xt, const Tensor& t, const Tensor& x0, const Tensor& x1) const override {
    return {path_->velocity(xt, t, x0, x1), {}, {}, {}};
  }
  Coefficients from_output(const Tensor& xt, const Tensor&, const Tensor& output) const override {
    return {space_->manifold()->to_tangent(xt, as_points(output)), {}, {}, {}};
  }
  Tensor from_output_jvp(const Tensor& xt, const Tensor&, const Tensor& output, const Tensor& dx,
                         const Tensor& doutput) const override {
    return space_->manifold()->to_tangent_jvp(xt, as_points(output), dx, as_points(doutput));
  }
  Head head() const override { return {space_->event_size()}; }
  Role role() const override { return Role::carries; }

 private:
  Tensor as_points(const Tensor& output) const {
    Shape shape = output.sizes().vec();
    shape.pop_back();
    for (const int64_t size : space_->event_shape()) shape.push_back(size);
    return output.reshape(shape);
  }

  SpacePtr space_;
  PathPtr path_;
};

}  // namespace

void add_flow(Catalog& c) {
  c.generators.add<Flow>("flow", {"A deterministic flow dx/dt = u_t(x): flow matching.",
                                  "Lipman et al. 2023, arXiv 2210.02747; Chen & Lipman 2024, arXiv 2302.03660"});
}

}  // namespace genmatch
