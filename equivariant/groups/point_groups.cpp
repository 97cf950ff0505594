#include "equivariant/groups/point_groups.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

using Matrix = Eigen::Matrix3d;

struct PointGroup {
  const char *schoenflies, *international, *system;  // system: "" unless the group is that of a lattice
  int principal;                                     // order of the rotation about z
  enum { none, about_x, about_diagonal } other;
};

// Generators beside the rotation about z: a half turn about x, a third of a turn about (1, 1, 1).
constexpr PointGroup kGroups[] = {{"C1", "1", "triclinic", 1, PointGroup::none},
                                  {"C2", "2", "monoclinic", 2, PointGroup::none},
                                  {"C3", "3", "", 3, PointGroup::none},
                                  {"C4", "4", "", 4, PointGroup::none},
                                  {"C6", "6", "", 6, PointGroup::none},
                                  {"D2", "222", "orthorhombic", 2, PointGroup::about_x},
                                  {"D3", "32", "trigonal", 3, PointGroup::about_x},
                                  {"D4", "422", "tetragonal", 4, PointGroup::about_x},
                                  {"D6", "622", "hexagonal", 6, PointGroup::about_x},
                                  {"T", "23", "", 2, PointGroup::about_diagonal},
                                  {"O", "432", "cubic", 4, PointGroup::about_diagonal}};

Matrix turn(int order, const Eigen::Vector3d& axis) {
  return Eigen::AngleAxisd(2 * M_PI / order, axis.normalized()).toRotationMatrix();
}

// All products of the generators: each element found is multiplied by each of them, until nothing new comes.
std::vector<Matrix> closure(const std::vector<Matrix>& generators) {
  constexpr double kSame = 1e-9;
  std::vector<Matrix> all{Matrix::Identity()};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (const Matrix& g : generators) {
      const Matrix next = all[i] * g;
      const auto same = [&](const Matrix& known) { return (known - next).norm() < kSame; };
      if (std::none_of(all.begin(), all.end(), same)) all.push_back(next);
    }
  return all;
}

}  // namespace

std::vector<std::string> point_group_names() {
  std::vector<std::string> names;
  for (const PointGroup& g : kGroups)
    if (*g.system != '\0') names.emplace_back(g.system);
  for (const PointGroup& g : kGroups) names.emplace_back(g.schoenflies);
  for (const PointGroup& g : kGroups) names.emplace_back(g.international);
  return names;
}

Tensor point_group(const std::string& name) {
  const auto found = std::find_if(std::begin(kGroups), std::end(kGroups), [&](const PointGroup& g) {
    return !name.empty() && (name == g.schoenflies || name == g.international || name == g.system);
  });
  if (found == std::end(kGroups)) throw ContractError("point_group: no group is called " + name);
  std::vector<Matrix> generators{turn(found->principal, Eigen::Vector3d::UnitZ())};
  if (found->other == PointGroup::about_x) generators.push_back(turn(2, Eigen::Vector3d::UnitX()));
  if (found->other == PointGroup::about_diagonal) generators.push_back(turn(3, Eigen::Vector3d::Ones()));
  std::vector<Tensor> all;
  for (Matrix g : closure(generators)) {
    g.transposeInPlace();  // Eigen stores by columns
    all.push_back(at::from_blob(g.data(), {3, 3}, at::kDouble).clone());
  }
  return at::stack(all);
}

}  // namespace genmatch
