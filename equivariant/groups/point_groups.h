#pragma once
#include <string>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// The eleven finite groups of rotations that crystals can have, C1, C2, C3, C4, C6, D2, D3, D4, D6, T and O, by the
/// names of Schoenflies, by those of Hermann and Mauguin (622), and for each crystal system by its own (hexagonal)
/// that of all its lattice's rotations.
std::vector<std::string> point_group_names();

/// All rotations of a group as matrices, float64 [order, 3, 3], the identity first. The principal axis is z (the
/// crystal's c); the D have a twofold axis along x (a); T and O have theirs along x, y and z. ContractError for other
/// names. International Tables for Crystallography A, 10.1.
Tensor point_group(const std::string& name);

}  // namespace genmatch
