#include "core/process/checked.h"

#include <ATen/ExpandUtils.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/config/choice.h"
#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"

namespace genmatch {
namespace {

/// Looks at the arguments and the result of one call of one function.
class Inspector {
 public:
  Inspector(const Manifold& m, const char* function) : m_(m), function_(function), event_(m.event_shape()) {}

  /// Each adds the leading dimensions of its argument to those that the result must have.
  Inspector& point(const char* name, const Tensor& x) {
    vector(name, x);
    const Tensor off = m_.violation(x);
    return reject(name, "not a point of " + m_.describe() + ", violation", off, off.le(tolerance(x)));
  }
  Inspector& vector(const char* name, const Tensor& v) {
    array(name, v);
    const int64_t n = static_cast<int64_t>(event_.size());
    if (v.dim() < n || v.sizes().slice(v.dim() - n) != at::IntArrayRef(event_))
      fail(name, fmt::format("shape [..., {}] expected, got {}", fmt::join(event_, ", "), shape(v)));
    return leading(name, v.sizes().slice(0, v.dim() - n));
  }
  Inspector& tangent(const char* name, const Tensor& x, const Tensor& v) {
    vector(name, v);
    const Tensor normal = v - m_.to_tangent(x, v);
    const Tensor size = flat(normal), scale = 1 + flat(v);
    return reject(name, "not tangent to " + m_.describe() + ", normal part", size, size.le(tolerance(v) * scale));
  }
  Inspector& scalar(const char* name, const Tensor& s) {
    array(name, s);
    return leading(name, s.sizes());
  }
  Inspector& number(const char* name, double value) {
    if (!(value >= 0)) fail(name, fmt::format("a number >= 0 expected, got {}", value));
    return *this;
  }

  Tensor point_result(const Tensor& x) { return point("result", sized(x, event_)), x; }
  Tensor vector_result(const Tensor& v) { return vector("result", sized(v, event_)), v; }
  Tensor tangent_result(const Tensor& x, const Tensor& v) { return tangent("result", x, sized(v, event_)), v; }
  Tensor features_result(const Tensor& f) { return finite("result", sized(f, {m_.feature_size()})), f; }
  Tensor distance_result(const Tensor& d) {
    sized(d, {});
    return reject("result", "negative or NaN, value", d, d.ge(0)), d;
  }
  /// A scalar that may be infinite (a log-density outside the support) but not NaN.
  Tensor log_result(const Tensor& s) { return reject("result", "NaN, value", sized(s, {}), s.eq(s)), s; }
  Tensor scalar_result(const Tensor& s) { return finite("result", sized(s, {})), s; }

  Inspector& extra(int64_t size) { return batch_.insert(batch_.begin(), size), *this; }

 private:
  static double tolerance(const Tensor& x) { return 1000 * (x.scalar_type() == at::kDouble ? 0x1p-52 : 0x1p-23); }
  static std::string shape(const Tensor& t) { return fmt::format("[{}]", fmt::join(t.sizes(), ", ")); }

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    throw ContractError(fmt::format("{}::{}: {}: {}", m_.describe(), function_, name, what));
  }
  Tensor flat(const Tensor& v) const {
    return event_.empty() ? v.abs() : v.flatten(v.dim() - static_cast<int64_t>(event_.size())).abs().amax(-1);
  }
  void array(const char* name, const Tensor& x) {
    if (!x.defined()) fail(name, "undefined tensor");
    if (x.scalar_type() != at::kDouble && x.scalar_type() != at::kFloat)
      fail(name, fmt::format("float32 or float64 expected, got {}", c10::toString(x.scalar_type())));
    finite(name, x);
  }
  Inspector& leading(const char* name, at::IntArrayRef sizes) {
    try {
      batch_ = at::infer_size(batch_, sizes);
    } catch (const c10::Error&) {
      fail(name, fmt::format("leading dimensions [{}] do not broadcast with [{}]", fmt::join(sizes, ", "),
                             fmt::join(batch_, ", ")));
    }
    return *this;
  }
  Inspector& finite(const char* name, const Tensor& x) { return reject(name, "not finite, value", x, x.isfinite()); }
  const Tensor& sized(const Tensor& x, const Shape& event) {
    Shape expected = batch_;
    expected.insert(expected.end(), event.begin(), event.end());
    if (!x.defined() || x.sizes() != at::IntArrayRef(expected))
      fail("result", fmt::format("shape [{}] expected, got {}", fmt::join(expected, ", "),
                                 x.defined() ? shape(x) : "an undefined tensor"));
    return x;
  }
  Inspector& reject(const char* name, const std::string& what, const Tensor& value, const Tensor& ok) {
    if (ok.all().item<bool>()) return *this;
    const Tensor where = ok.logical_not().nonzero().select(0, 0).to(at::kCPU).contiguous();
    const std::vector<int64_t> index(where.data_ptr<int64_t>(), where.data_ptr<int64_t>() + where.numel());
    const double first = value.masked_select(ok.logical_not()).select(0, 0).item<double>();
    const std::string row = index.empty() ? "" : fmt::format(" at [{}]", fmt::join(index, ", "));
    fail(name, fmt::format("{} {:.3g}{}", what, first, row));
  }

  const Manifold& m_;
  const char* function_;
  Shape event_, batch_;
};

class Checked final : public Manifold {
 public:
  struct Options {
    SpaceChoice of;
    void fields(Fields& f) { f("of", of, "the manifold whose every argument and result is to be checked", required); }
  };

  explicit Checked(const Options& options) : space_(options.of.make()), m_(manifold_of(*space_)) {}
  explicit Checked(std::shared_ptr<const Manifold> of) : space_(of), m_(*of) {}

  std::string describe() const override { return m_.describe(); }
  Shape event_shape() const override { return m_.event_shape(); }
  int64_t dim() const override { return m_.dim(); }
  double log_volume() const override { return m_.log_volume(); }
  double injectivity_radius() const override { return m_.injectivity_radius(); }
  bool compact() const override { return m_.compact(); }
  int64_t feature_size() const override { return m_.feature_size(); }

  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return Inspector(m_, "sample").number("n", static_cast<double>(n)).extra(n).point_result(m_.sample(n, rng, like));
  }
  Tensor log_base_density(const Tensor& x) const override {
    return Inspector(m_, "log_base_density").point("x", x).log_result(m_.log_base_density(x));
  }
  Tensor distance(const Tensor& x, const Tensor& y) const override {
    return Inspector(m_, "distance").point("x", x).point("y", y).distance_result(m_.distance(x, y));
  }
  Tensor violation(const Tensor& x) const override { return m_.violation(x); }
  Tensor features(const Tensor& x) const override {
    return Inspector(m_, "features").point("x", x).features_result(m_.features(x));
  }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override {
    return Inspector(m_, "features_jvp").point("x", x).vector("dx", dx).features_result(m_.features_jvp(x, dx));
  }
  Tensor advance(const Tensor& x, const Coefficients& c, const Tensor& dt, Rng& rng) const override {
    Inspector inspect(m_, "advance");
    inspect.point("x", x).scalar("dt", dt);
    if (c.drift.defined()) inspect.tangent("drift", x, c.drift);
    if (c.variance.defined()) inspect.scalar("variance", c.variance);
    return inspect.point_result(m_.advance(x, c, dt, rng));
  }

  Tensor exp(const Tensor& x, const Tensor& v) const override {
    return Inspector(m_, "exp").point("x", x).tangent("v", x, v).point_result(m_.exp(x, v));
  }
  Tensor log(const Tensor& x, const Tensor& y) const override {
    return Inspector(m_, "log").point("x", x).point("y", y).tangent_result(x, m_.log(x, y));
  }
  Tensor project(const Tensor& x) const override {
    return Inspector(m_, "project").vector("x", x).point_result(m_.project(x));
  }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override {
    return Inspector(m_, "to_tangent").point("x", x).vector("v", v).tangent_result(x, m_.to_tangent(x, v));
  }
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override {
    return Inspector(m_, "inner").point("x", x).vector("u", u).vector("v", v).scalar_result(m_.inner(x, u, v));
  }
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override {
    Inspector inspect(m_, "transport");
    return inspect.point("x", x).point("y", y).tangent("v", x, v).tangent_result(y, m_.transport(x, y, v));
  }
  Tensor retract(const Tensor& x, const Tensor& v) const override {
    return Inspector(m_, "retract").point("x", x).tangent("v", x, v).point_result(m_.retract(x, v));
  }
  Tensor tangent_basis(const Tensor& x) const override {
    return Inspector(m_, "tangent_basis").point("x", x).extra(dim()).tangent_result(x, m_.tangent_basis(x));
  }
  Tensor tangent_noise(const Tensor& x, const Tensor& z) const override {
    return Inspector(m_, "tangent_noise").point("x", x).vector("z", z).tangent_result(x, m_.tangent_noise(x, z));
  }
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override {
    Inspector inspect(m_, "log_volume_distortion");
    return inspect.point("x", x).tangent("v", x, v).log_result(m_.log_volume_distortion(x, v));
  }
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override {
    Inspector inspect(m_, "dlog");
    return inspect.point("x", x).point("y", y).tangent("w", y, w).tangent_result(x, m_.dlog(x, y, w));
  }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override {
    Inspector inspect(m_, "to_tangent_jvp");
    inspect.point("x", x).vector("v", v).vector("dx", dx).vector("dv", dv);
    return inspect.vector_result(m_.to_tangent_jvp(x, v, dx, dv));
  }
  Tensor covariant(const Tensor& x, const Tensor& v, const Tensor& e, const Tensor& dv) const override {
    Inspector inspect(m_, "covariant");
    inspect.point("x", x).tangent("v", x, v).vector("e", e).vector("dv", dv);
    return inspect.tangent_result(x, m_.covariant(x, v, e, dv));
  }
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double concentration) const override {
    Inspector inspect(m_, "log_kernel");
    inspect.point("x", x).point("centre", centre).number("concentration", concentration);
    return inspect.log_result(m_.log_kernel(x, centre, concentration));
  }

 private:
  static const Manifold& manifold_of(const Space& space) {
    if (space.manifold() == nullptr)
      throw OptionError("of", "only manifolds can be checked, and " + space.describe() + " is none");
    return *space.manifold();
  }
  SpacePtr space_;
  const Manifold& m_;
};

}  // namespace

std::shared_ptr<const Manifold> checked(std::shared_ptr<const Manifold> of) {
  return std::make_shared<Checked>(std::move(of));
}

void add_checked(Catalog& c) {
  c.spaces.add<Checked>("checked", {"Another manifold with every argument and result checked: slow, finds bugs", ""});
}

}  // namespace genmatch
