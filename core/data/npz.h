#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace genmatch {

bool is_zip(std::string_view bytes);

/// The name and content of one array of an .npz archive: that called `member` (with or without .npy), or the only
/// one where `member` is empty. DataError, listing the members, if there is no such one; `file` is for messages.
std::pair<std::string, std::string> unzip_member(const std::string& bytes, const std::string& file,
                                                 const std::string& member);

}  // namespace genmatch
