#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

bool is_zip(std::string_view bytes);

/// The name and content of one array of an .npz archive: that called `member` (with or without .npy), or the only
/// one where `member` is empty. DataError, listing the members, if there is no such one; `file` is for messages.
std::pair<std::string, std::string> unzip_member(const std::string& bytes, const std::string& file,
                                                 const std::string& member);

/// The bytes of an .npz archive of arrays (those of write_npy, not compressed), each with its name.
std::string npz_bytes(const std::vector<std::pair<std::string, Tensor>>& arrays);

}  // namespace genmatch
