#pragma once
#include <string>
#include <string_view>

#include "core/tensor.h"

namespace genmatch {

/// What stands before the numbers of a .npy file.
struct NpyHeader {
  std::string descr;  ///< e.g. "<f4"
  bool fortran_order = false;
  Shape shape;
  std::size_t data_offset = 0;  ///< in bytes
};

/// DataError, beginning with `name`, if the bytes do not begin with a header.
NpyHeader parse_npy_header(std::string_view bytes, const std::string& name);

/// A whole version 1 header, padded to a multiple of 64 bytes.
std::string npy_header_bytes(const std::string& descr, const Shape& shape);

}  // namespace genmatch
