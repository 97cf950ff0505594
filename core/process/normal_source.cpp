#include <cmath>

#include "core/config/catalog.h"
#include "core/errors.h"
#include "core/numerics/special.h"
#include "core/ops.h"
#include "core/process/source.h"
#include "core/process/source_options.h"

namespace genmatch {
namespace {

/// exp_mean(scale * noise). The exponential map must be one-to-one, so that its inverse gives the density.
class NormalSource final : public Source {
 public:
  struct Options {
    std::vector<double> mean;
    double scale = 1;
    void fields(Fields& f) {
      f("mean", mean, "the point it is centred at, one number per coordinate; all zeros if left out");
      f("scale", scale, "standard deviation", above(0));
    }
  };

  NormalSource(const Options& options, const SpacePtr& space)
      : space_(space), m_(manifold_for(*space, "source normal")), scale_(options.scale) {
    require_finite("scale", scale_);
    if (!std::isinf(m_.injectivity_radius()))
      throw OptionError("", "a normal distribution does not fit on " + space->describe() +
                                "; use uniform, wrapped_normal (torus) or von_mises_fisher (sphere)");
    mean_ = mean_point(m_, options.mean, std::vector<double>(static_cast<std::size_t>(m_.event_size())));
  }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    Shape shape = m_.event_shape();
    shape.insert(shape.begin(), n);
    const Tensor mean = mean_.to(like);
    return m_.exp(mean, scale_ * m_.tangent_noise(mean, rng.normal(shape, like)));
  }

  Tensor log_density(const Tensor& x) const override {
    const Tensor mean = mean_.to(x.options()), v = m_.log(mean, x);
    return -0.5 * m_.inner(mean, v, v) / (scale_ * scale_) - m_.log_volume_distortion(mean, v) -
           m_.dim_at(x) * (0.5 * kLogTwoPi + std::log(scale_));
  }

 private:
  SpacePtr space_;
  const Manifold& m_;
  double scale_;
  Tensor mean_;
};

}  // namespace

void add_normal_source(Catalog& c) {
  c.sources.add<NormalSource>("normal", {"Normal distribution on R^d, with equal variance in all directions", ""});
}

}  // namespace genmatch
