#pragma once
// NumPy's array files (numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// The array in a .npy file, or the member `member` of a .npz archive (which may be left out where there is only
/// one). Versions 1 to 3; float32, float64, int32, int64, uint8, bool, little-endian; C or Fortran order; any shape.
/// DataError for anything else and for damaged files.
Tensor read_npy(const std::string& file, const std::string& member = "");

/// The same for the bytes of a .npy file; `name` is for messages.
Tensor parse_npy(std::string_view bytes, const std::string& name);

/// Writes a float32, float64 or int64 tensor (ContractError for others) as .npy, version 1. IoError.
void write_npy(const std::string& file, const Tensor& x);

/// The bytes of such a file.
std::string npy_bytes(const Tensor& x);

}  // namespace genmatch
