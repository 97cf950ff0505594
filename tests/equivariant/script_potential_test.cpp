#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/data/file.h"
#include "core/errors.h"
#include "core/ops.h"
#include "equivariant/clouds/point_cloud.h"
#include "equivariant/particles/energy.h"
#include "equivariant/particles/potential.h"
#include "tests/equivariant/script_files.h"
#include "tests/temporary_folder.h"
#include "tests/tensor_matchers.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

class ScriptEnergy : public testing::Test {
 protected:
  std::string script(const std::string& body) const {
    write_script(path_, body);
    return path_;
  }
  Energy energy(const std::string& body, int64_t n = 4, int64_t d = 2) const {
    script(body);
    return Energy({"torchscript", 1, {}, "energy.pt"}, n, d, "nowhere", {folder_.path()});
  }
  std::string fault(const std::string& body) const {
    try {
      energy(body);
      return "";
    } catch (const DataError& error) {
      return error.what();
    }
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("energy.pt");
};

TEST_F(ScriptEnergy, SaysWhatTheBuiltInEnergySays) {
  const Energy ours({"double_well", 1, {}}, 4, 2), users = energy(kDoubleWellScript);
  Rng rng(1, "script");
  const Tensor x = 3 * rng.normal({50, 4, 2}, at::kDouble) + 7;  // moved to mean zero by both
  const Energy::Value a = ours.at(x), b = users.at(x);
  EXPECT_TRUE(near(b.energy / a.energy, at::ones_like(a.energy), 1e-10));
  const Tensor scale = a.force.abs().amax({1, 2}, true).clamp_min(1);
  EXPECT_TRUE(near(b.force / scale, a.force / scale, 1e-10));
  EXPECT_TRUE(near(users.energy(x.reshape({5, 10, 4, 2})), b.energy.reshape({5, 10}), 1e-8));
  EXPECT_TRUE(near(Energy({"torchscript", 2, 3., path_}, 4, 2).energy(x),
                   2 * a.energy + 1.5 * PointCloud::centred(x).square().sum({1, 2}), 1e-6));
  EXPECT_EQ(users.at(x.to(at::kFloat)).force.scalar_type(), at::kFloat);
  EXPECT_EQ(users.broken_symmetries(), "");
}

// A constant external field does not act on clouds with mean zero; one that grows does.
TEST_F(ScriptEnergy, ForcesAreGradientsOnTheSubspace) {
  const Energy e = energy("    return (x[:, :, 0] ** 3).sum(1) + 5 * x[:, :, 1].sum(1)\n");
  Rng rng(2, "script");
  const Tensor x = PointCloud::centred(rng.normal({20, 4, 2}, at::kDouble)),
               v = PointCloud::centred(rng.normal({20, 4, 2}, at::kDouble));
  const double h = 1e-5;
  const Tensor slope = (e.energy(x + h * v) - e.energy(x - h * v)) / (2 * h);
  EXPECT_TRUE(near(-(e.at(x).force * v).sum({1, 2}), slope, 1e-7));
  EXPECT_LT(e.at(x).force.mean(1).abs().max().item<double>(), 1e-14);
  EXPECT_LT(e.at(x).force.select(2, 1).abs().max().item<double>(), 1e-12);
}

TEST_F(ScriptEnergy, TellsWhichSymmetriesItBreaks) {
  EXPECT_EQ(energy("    return (x[:, 0] ** 2).sum(1) * 2 + (x ** 2).sum([1, 2])\n").broken_symmetries(),
            "permutations");
  EXPECT_EQ(energy("    return (x[:, :, 0] ** 4).sum(1)\n").broken_symmetries(), "rotations");
  // Seen from particle 0, whether 1 lies to the left or the right of 2.
  EXPECT_EQ(
      energy("    a = x[:, 1] - x[:, 0]\n    b = x[:, 2] - x[:, 0]\n    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]\n")
          .broken_symmetries(),
      "permutations and reflections");
}

TEST_F(ScriptEnergy, IsIdentifiedByTheContentOfItsFile) {
  const std::string first = energy("    return (x ** 2).sum([1, 2])\n").describe();
  EXPECT_THAT(first, HasSubstr(hash_hex(read_bytes(path_))));
  EXPECT_NE(energy("    return (x ** 4).sum([1, 2])\n").describe(), first);
}

TEST_F(ScriptEnergy, FaultsAreTold) {
  EXPECT_THAT(fault("    return (x ** 2).sum(1)\n"), HasSubstr("energy.pt: expected energies of shape [6]"));
  EXPECT_THAT(fault("    return (x - x).sum([1, 2]) / 0\n"), HasSubstr("NaN on random clouds"));
  EXPECT_THAT(fault("    return torch.zeros(x.size(0), dtype=x.dtype)\n"), HasSubstr("has no gradient"));
  EXPECT_THAT(fault("    return (x.detach() ** 2).sum([1, 2])\n"), HasSubstr("has no gradient"));
  EXPECT_THAT(fault("    return (x ** 2).sum([1, 2]).float()\n"), HasSubstr("in float64"));
  EXPECT_THAT(fault("    return (x ** 2).sum([1, 2]) + x.mean()**2 + x[0, 0, 0]\n"), HasSubstr("depend on each other"));
  EXPECT_THAT(fault("    return torch.matmul(x, torch.ones(2, 2).float()).sum([1, 2])\n"),
              HasSubstr("computes in float32"));
  EXPECT_THAT(fault("    return torch.matmul(x, torch.ones(3, 3, dtype=x.dtype)).sum([1, 2])\n"),
              HasSubstr("fails on x"));
  EXPECT_THAT(fault("    return 1\n"), HasSubstr("returns no tensor"));
}

TEST_F(ScriptEnergy, FilesThatHoldNoneAreNamed) {
  const EnergyOptions options{"torchscript", 1, {}, "energy.pt"};
  const auto fault_of_file = [&] {
    try {
      Energy(options, 4, 2, folder_.path());
      return std::string();
    } catch (const DataError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_THAT(fault_of_file(), HasSubstr("energy.pt: no such data file"));
  folder_.write("energy.pt", "def forward(x): return x");
  EXPECT_THAT(fault_of_file(), HasSubstr("is no TorchScript archive"));
  script(kDoubleWellScript);
  folder_.write("energy.pt", read_bytes(path_).substr(0, 500));
  EXPECT_THAT(fault_of_file(), HasSubstr("is no TorchScript archive"));
  EXPECT_THROW(Energy({"torchscript", 1, {}, ""}, 4, 2), OptionError);
  EXPECT_THROW(Energy({"double_well", 1, {}, "energy.pt"}, 4, 2), OptionError);
}

}  // namespace
}  // namespace genmatch
