#pragma once
// Files as bytes: where they lie, what is in them, what identifies them.
#include <string>
#include <string_view>
#include <vector>

namespace genmatch {

/// Where data files are looked for besides the experiment's own folder: $GENMATCH_DATA if it is set, and ./data.
std::vector<std::string> data_search_path();

/// Where `file` lies: an absolute path as it is; else in `folder`; else in the first of `search` that has it.
/// DataError if nowhere, listing the places; `obtain` (may be empty) tells the user where to get the file.
std::string find_file(const std::string& file, const std::string& folder, const std::vector<std::string>& search,
                      const std::string& obtain);

/// All bytes of a file. DataError if it is missing, a folder or a device, or cannot be read.
std::string read_bytes(const std::string& path);

/// CRC-64/XZ of the bytes as 16 hexadecimal digits.
std::string hash_hex(std::string_view bytes);

}  // namespace genmatch
