#include "core/process/checked.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/errors.h"
#include "core/ops.h"
#include "core/process/manifold.h"
#include "tests/manifolds/build.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using Spoil = std::function<Tensor(const Tensor&)>;

/// The sphere S^2 with one function whose result is spoilt.
class Wrong final : public Manifold {
 public:
  Wrong(std::string function, Spoil spoil) : function_(std::move(function)), spoil_(std::move(spoil)) {}
  std::string describe() const override { return s_->describe(); }
  Shape event_shape() const override { return s_->event_shape(); }
  int64_t dim() const override { return s_->dim(); }
  double log_volume() const override { return s_->log_volume(); }
  int64_t feature_size() const override { return s_->feature_size(); }
  Tensor violation(const Tensor& x) const override { return s_->violation(x); }
  Tensor sample(int64_t n, Rng& rng, const at::TensorOptions& like) const override {
    return result("sample", s_->sample(n, rng, like));
  }
  Tensor log_base_density(const Tensor& x) const override {
    return result("log_base_density", s_->log_base_density(x));
  }
  Tensor distance(const Tensor& x, const Tensor& y) const override { return result("distance", s_->distance(x, y)); }
  Tensor features(const Tensor& x) const override { return result("features", s_->features(x)); }
  Tensor features_jvp(const Tensor& x, const Tensor& dx) const override {
    return result("features_jvp", s_->features_jvp(x, dx));
  }
  Tensor advance(const Tensor& x, const Coefficients& c, const Tensor& dt, Rng& rng) const override {
    return result("advance", s_->advance(x, c, dt, rng));
  }
  Tensor exp(const Tensor& x, const Tensor& v) const override { return result("exp", s_->exp(x, v)); }
  Tensor log(const Tensor& x, const Tensor& y) const override { return result("log", s_->log(x, y)); }
  Tensor project(const Tensor& x) const override { return result("project", s_->project(x)); }
  Tensor to_tangent(const Tensor& x, const Tensor& v) const override {
    return result("to_tangent", s_->to_tangent(x, v));
  }
  Tensor inner(const Tensor& x, const Tensor& u, const Tensor& v) const override {
    return result("inner", s_->inner(x, u, v));
  }
  Tensor transport(const Tensor& x, const Tensor& y, const Tensor& v) const override {
    return result("transport", s_->transport(x, y, v));
  }
  Tensor retract(const Tensor& x, const Tensor& v) const override { return result("retract", s_->retract(x, v)); }
  Tensor tangent_basis(const Tensor& x) const override { return result("tangent_basis", s_->tangent_basis(x)); }
  Tensor tangent_noise(const Tensor& x, const Tensor& z) const override {
    return result("tangent_noise", s_->tangent_noise(x, z));
  }
  Tensor log_volume_distortion(const Tensor& x, const Tensor& v) const override {
    return result("log_volume_distortion", s_->log_volume_distortion(x, v));
  }
  Tensor dlog(const Tensor& x, const Tensor& y, const Tensor& w) const override {
    return result("dlog", s_->dlog(x, y, w));
  }
  Tensor to_tangent_jvp(const Tensor& x, const Tensor& v, const Tensor& dx, const Tensor& dv) const override {
    return result("to_tangent_jvp", s_->to_tangent_jvp(x, v, dx, dv));
  }
  Tensor covariant(const Tensor& x, const Tensor& v, const Tensor& e, const Tensor& dv) const override {
    return result("covariant", s_->covariant(x, v, e, dv));
  }
  Tensor log_kernel(const Tensor& x, const Tensor& centre, double k) const override {
    return result("log_kernel", s_->log_kernel(x, centre, k));
  }

 private:
  Tensor result(const char* function, const Tensor& value) const {
    return function == function_ ? spoil_(value) : value;
  }
  std::shared_ptr<const Manifold> s_ = build_manifold("{type: sphere, dim: 2}");
  std::string function_;
  Spoil spoil_;
};

using Arguments = std::vector<Tensor>;
struct Function {
  const char* name;
  std::vector<const char*> arguments;
  const char* what;  // each one a p(oint), t(angent at the first), u (tangent at the second), v(ector), s(calar);
  // a capital if it may be undefined
  char result;  // the same, or f(eatures), b(asis), d(istance), l(og-density)
  std::function<Tensor(const Manifold&, const Arguments&)> call;
};

Rng rng() { return Rng(9, "checked"); }

const std::vector<Function>& functions() {
  static const std::vector<Function> all = {
      {"sample",
       {},
       "",
       'p',
       [](auto& m, auto&) {
         Rng r = rng();
         return m.sample(4, r, at::kDouble);
       }},
      {"log_base_density", {"x"}, "p", 'l', [](auto& m, auto& a) { return m.log_base_density(a[0]); }},
      {"distance", {"x", "y"}, "pp", 'd', [](auto& m, auto& a) { return m.distance(a[0], a[1]); }},
      {"features", {"x"}, "p", 'f', [](auto& m, auto& a) { return m.features(a[0]); }},
      {"features_jvp", {"x", "dx"}, "pv", 'f', [](auto& m, auto& a) { return m.features_jvp(a[0], a[1]); }},
      {"advance",
       {"x", "drift", "variance", "dt"},
       "pTSs",
       'p',
       [](auto& m, auto& a) {
         Rng r = rng();
         return m.advance(a[0], Coefficients{a[1], a[2], {}, {}}, a[3], r);
       }},
      {"exp", {"x", "v"}, "pt", 'p', [](auto& m, auto& a) { return m.exp(a[0], a[1]); }},
      {"log", {"x", "y"}, "pp", 't', [](auto& m, auto& a) { return m.log(a[0], a[1]); }},
      {"project", {"x"}, "v", 'p', [](auto& m, auto& a) { return m.project(a[0]); }},
      {"to_tangent", {"x", "v"}, "pv", 't', [](auto& m, auto& a) { return m.to_tangent(a[0], a[1]); }},
      {"inner", {"x", "u", "v"}, "pvv", 's', [](auto& m, auto& a) { return m.inner(a[0], a[1], a[2]); }},
      {"transport", {"x", "y", "v"}, "ppt", 'u', [](auto& m, auto& a) { return m.transport(a[0], a[1], a[2]); }},
      {"retract", {"x", "v"}, "pt", 'p', [](auto& m, auto& a) { return m.retract(a[0], a[1]); }},
      {"tangent_basis", {"x"}, "p", 'b', [](auto& m, auto& a) { return m.tangent_basis(a[0]); }},
      {"tangent_noise", {"x", "z"}, "pv", 't', [](auto& m, auto& a) { return m.tangent_noise(a[0], a[1]); }},
      {"log_volume_distortion",
       {"x", "v"},
       "pt",
       'l',
       [](auto& m, auto& a) { return m.log_volume_distortion(a[0], a[1]); }},
      {"dlog", {"x", "y", "w"}, "ppu", 't', [](auto& m, auto& a) { return m.dlog(a[0], a[1], a[2]); }},
      {"to_tangent_jvp",
       {"x", "v", "dx", "dv"},
       "pvvv",
       'v',
       [](auto& m, auto& a) { return m.to_tangent_jvp(a[0], a[1], a[2], a[3]); }},
      {"covariant",
       {"x", "v", "e", "dv"},
       "ptvv",
       't',
       [](auto& m, auto& a) { return m.covariant(a[0], a[1], a[2], a[3]); }},
      {"log_kernel", {"x", "centre"}, "pp", 'l', [](auto& m, auto& a) { return m.log_kernel(a[0], a[1], 3); }},
  };
  return all;
}

char kind(const Function& f, std::size_t i) { return static_cast<char>(std::tolower(f.what[i])); }

Arguments good_arguments(const Manifold& m, const Function& f) {
  Rng r(10, "arguments");
  Arguments a;
  for (std::size_t i = 0; i < f.arguments.size(); ++i) {
    const Tensor z = r.normal({4, 3}, at::kDouble);
    const char what = kind(f, i);
    if (what == 'p') a.push_back(m.project(z));
    if (what == 't') a.push_back(m.to_tangent(a[0], z));
    if (what == 'u') a.push_back(m.to_tangent(a[1], z));
    if (what == 'v') a.push_back(z);
    if (what == 's') a.push_back(z.select(-1, 0).abs() + 0.1);
  }
  return a;
}

std::string complaint(const Manifold& m, const Function& f, const Arguments& a) {
  try {
    f.call(m, a);
  } catch (const ContractError& e) {
    return e.what();
  }
  return "no complaint";
}

/// x with row 2 replaced.
Tensor with_row(const Tensor& x, const Tensor& row) {
  Tensor y = x.clone();
  y.select(-2, 2).copy_(row);
  return y;
}

TEST(Checked, AcceptsARightManifoldAndChangesNothing) {
  const auto sphere = build_manifold("{type: sphere, dim: 2}");
  const auto watched = checked(sphere);
  for (const Function& f : functions()) {
    const Arguments a = good_arguments(*sphere, f);
    EXPECT_TRUE(f.call(*watched, a).equal(f.call(*sphere, a))) << f.name;
  }
}

TEST(Checked, CatchesWrongResultsOfEveryFunction) {
  const auto sphere = build_manifold("{type: sphere, dim: 2}");
  const Spoil nan = [](const Tensor& r) {
    Tensor bad = r.clone();
    bad.select(-1, 0).fill_(std::nan(""));
    return bad;
  };
  const Spoil shape = [](const Tensor& r) { return at::stack({r, r}); };
  const Spoil off = [](const Tensor& r) { return with_row(r, 1.01 * r.select(-2, 2) + 0.01); };
  const Spoil negative = [](const Tensor& r) { return -1 - r; };
  for (const Function& f : functions()) {
    const Arguments a = good_arguments(*sphere, f);
    const auto name = testing::HasSubstr(std::string("S^2::") + f.name + ": result: ");
    EXPECT_THAT(complaint(*checked(std::make_shared<Wrong>(f.name, nan)), f, a), name);
    EXPECT_THAT(complaint(*checked(std::make_shared<Wrong>(f.name, shape)), f, a),
                testing::AllOf(name, testing::HasSubstr("shape")));
    if (std::string("ptub").find(f.result) != std::string::npos) {
      EXPECT_THAT(complaint(*checked(std::make_shared<Wrong>(f.name, off)), f, a),
                  testing::AllOf(name, testing::HasSubstr("2]")));
    }
    if (f.result == 'd') {
      EXPECT_THAT(complaint(*checked(std::make_shared<Wrong>(f.name, negative)), f, a), name);
    }
  }
}

TEST(Checked, CatchesWrongArgumentsOfEveryFunction) {
  const auto watched = checked(build_manifold("{type: sphere, dim: 2}"));
  for (const Function& f : functions()) {
    const Arguments good = good_arguments(*watched, f);
    for (std::size_t i = 0; i < good.size(); ++i) {
      const auto expect = [&](const Tensor& bad, const std::string& what) {
        Arguments a = good;
        a[i] = bad;
        EXPECT_THAT(complaint(*watched, f, a),
                    testing::AllOf(testing::HasSubstr(std::string("S^2::") + f.name + ": " + f.arguments[i]),
                                   testing::HasSubstr(what)));
      };
      const char what = kind(f, i);
      if (what == f.what[i]) expect({}, "undefined");
      expect(good[i] * std::nan(""), "not finite");
      expect(good[i].to(at::kLong), "float32 or float64 expected");
      if (what != 's') expect(good[i].narrow(-1, 0, 2), "shape [..., 3] expected, got [4, 2]");
      if (i > 0) expect(at::cat({good[i], good[i]}), "do not broadcast");
      if (what == 'p') expect(with_row(good[i], 1.001 * good[i][2]), "not a point of S^2, violation 0.001 at [2]");
      if (what == 't') expect(with_row(good[i], good[0][2]), "not tangent to S^2, normal part");
      if (what == 'u') expect(with_row(good[i], good[1][2]), "not tangent to S^2, normal part");
    }
  }
  EXPECT_THROW(
      watched->log_kernel(good_arguments(*watched, functions()[1])[0], good_arguments(*watched, functions()[1])[0], -1),
      ContractError);
}

TEST(Checked, WorksInFloat32AndOnEmptyBatches) {
  const auto watched = checked(build_manifold("{type: sphere, dim: 2}"));
  for (const Function& f : functions()) {
    Arguments single = good_arguments(*watched, f), empty = single;
    for (Tensor& t : single) t = t.to(at::kFloat);
    for (Tensor& t : empty) t = t.narrow(0, 0, 0);
    EXPECT_TRUE(f.call(*watched, single).defined()) << f.name;
    EXPECT_TRUE(f.call(*watched, empty).defined()) << f.name;
  }
}

}  // namespace
}  // namespace genmatch
