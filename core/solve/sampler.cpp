#include "core/solve/sampler.h"

namespace genmatch {
namespace {

class Ode final : public Sampler {
 public:
  using Options = NoOptions;
  Ode(const Options&, const SamplerContext& context) : spaces_(spaces(context.factors)), stepper_(context.stepper) {}
  Solution run(const GeneratorPtr& flow, const State& x0, Rng& rng, const StepCallback& callback) const override {
    return simulate(*flow, spaces_, x0, 0, 1, *stepper_, rng, callback);
  }
  bool ode() const override { return true; }

 private:
  Spaces spaces_;
  std::shared_ptr<const Stepper> stepper_;
};

}  // namespace

void add_ode_sampler(Catalog& c) {
  c.samplers.add<Ode>("ode",
                      {"The learned process itself, by sampling.stepper; the density comes in the same pass.", ""});
}

}  // namespace genmatch
