#include "core/data/file.h"

#include <fmt/format.h>

#include <boost/crc.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/errors.h"

namespace genmatch {

namespace fs = std::filesystem;

std::vector<std::string> data_search_path() {
  std::vector<std::string> search;
  const char* folder = std::getenv("GENMATCH_DATA");
  if (folder != nullptr && *folder != '\0') search.emplace_back(folder);
  search.emplace_back("data");
  return search;
}

std::string find_file(const std::string& file, const std::string& folder, const std::vector<std::string>& search,
                      const std::string& obtain) {
  std::vector<fs::path> places;
  if (fs::path(file).is_absolute()) {
    places.emplace_back(file);
  } else {
    places.push_back(fs::path(folder) / file);
    for (const std::string& s : search) places.push_back(fs::path(s) / file);
  }
  std::string tried;
  for (const fs::path& place : places) {
    std::error_code ignored;
    if (fs::exists(place, ignored)) return place.string();
    tried += "\n  " + place.lexically_normal().string();
  }
  const std::string from = obtain.empty() ? "" : "\nGet it from: " + obtain;
  throw DataError(
      fmt::format("{}: no such data file; looked for it at:{}{}\nPut it at one of these places, or set "
                  "GENMATCH_DATA to the folder that holds it",
                  file, tried, from));
}

std::string read_bytes(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw DataError(path + ": no such file");
  if (fs::is_directory(status)) throw DataError(path + ": is a folder; name a file in it");
  if (!fs::is_regular_file(status) && !fs::is_fifo(status)) throw DataError(path + ": is not a regular file");
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string bytes;
  if (in && fs::is_regular_file(status)) bytes.reserve(fs::file_size(path, error));
  if (in) bytes.assign(std::istreambuf_iterator<char>(in), {});
  if (!in || in.bad()) {
    const std::string why = errno != 0 ? std::generic_category().message(errno) : "input/output error";
    throw DataError(path + ": cannot be read: " + why);
  }
  return bytes;
}

std::string hash_hex(std::string_view bytes) {
  boost::crc_optimal<64, 0x42F0E1EBA9EA3693u, ~uint64_t{0}, ~uint64_t{0}, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return fmt::format("{:016x}", crc.checksum());
}

}  // namespace genmatch
