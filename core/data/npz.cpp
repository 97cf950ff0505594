#include "core/data/npz.h"

#include <fmt/format.h>
#include <zip.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/data/npy.h"
#include "core/data/numbers.h"
#include "core/errors.h"

namespace genmatch {

namespace {

struct DiscardArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseMember {
  void operator()(zip_file_t* member) const { zip_fclose(member); }
};
struct FreeSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, DiscardArchive>;

Archive open_archive(const std::string& bytes, const std::string& file) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  const std::string why = archive == nullptr ? zip_error_strerror(&error) : "";
  zip_error_fini(&error);
  if (archive != nullptr) return Archive(archive);
  zip_source_free(source);
  throw DataError(file + ": is no usable .npz archive: " + why);
}

std::vector<std::string> member_names(zip_t* archive) {
  std::vector<std::string> names;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), 0);
    names.emplace_back(name == nullptr ? "" : name);
  }
  return names;
}

std::size_t choose(const std::vector<std::string>& names, const std::string& file, const std::string& member) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (member.empty() ? names.size() == 1 : names[i] == member || names[i] == member + ".npy") found = i;
  }
  if (found) return *found;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + in_quotes(name);
  const std::string what = member.empty() ? "holds several arrays; choose one with member:" : "has no member ";
  throw DataError(fmt::format("{}: {}{}; it has: {}", file, what, member.empty() ? "" : in_quotes(member),
                              list.empty() ? "none" : list));
}

}  // namespace

bool is_zip(std::string_view bytes) { return bytes.substr(0, 2) == "PK"; }

std::pair<std::string, std::string> unzip_member(const std::string& bytes, const std::string& file,
                                                 const std::string& member) {
  const Archive archive = open_archive(bytes, file);
  const std::vector<std::string> names = member_names(archive.get());
  const std::size_t chosen = choose(names, file, member);
  const std::string where = file + ":" + in_quotes(names[chosen]);
  const std::unique_ptr<zip_file_t, CloseMember> stream(zip_fopen_index(archive.get(), chosen, 0));
  if (stream == nullptr) throw DataError(where + ": cannot be unpacked: " + zip_strerror(archive.get()));
  std::string content;
  std::array<char, 1 << 16> chunk;
  zip_int64_t count = 0;
  // The size in the archive's directory may be damaged: read what there is.
  while ((count = zip_fread(stream.get(), chunk.data(), chunk.size())) > 0) {
    content.append(chunk.data(), static_cast<std::size_t>(count));
  }
  if (count < 0) throw DataError(where + ": cannot be unpacked: " + zip_file_strerror(stream.get()));
  return {names[chosen], content};
}

std::string npz_bytes(const std::vector<std::pair<std::string, Tensor>>& arrays) {
  const auto check = [](bool done) {
    if (!done) throw IoError("npz_bytes: the archive cannot be made: out of memory");
  };
  std::vector<std::string> members;  // have to outlive the archive
  for (const auto& [name, x] : arrays) members.push_back(npy_bytes(x));
  zip_source_t* const memory = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  check(memory != nullptr);
  zip_source_keep(memory);
  const std::unique_ptr<zip_source_t, FreeSource> result(memory);
  Archive archive(zip_open_from_source(memory, ZIP_TRUNCATE, nullptr));
  check(archive != nullptr);
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    zip_source_t* const source = zip_source_buffer(archive.get(), members[i].data(), members[i].size(), 0);
    const zip_int64_t index = zip_file_add(archive.get(), (arrays[i].first + ".npy").c_str(), source, 0);
    check(index >= 0);
    const auto place = static_cast<zip_uint64_t>(index);
    check(zip_set_file_compression(archive.get(), place, ZIP_CM_STORE, 0) == 0);
    check(zip_file_set_mtime(archive.get(), place, 0, 0) == 0);  // the same arrays give the same bytes
  }
  check(zip_close(archive.get()) == 0);
  archive.release();  // closed
  check(zip_source_open(memory) == 0);
  zip_source_seek(memory, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(zip_source_tell(memory)), '\0');
  zip_source_seek(memory, 0, SEEK_SET);
  const zip_int64_t count = zip_source_read(memory, bytes.data(), bytes.size());
  zip_source_close(memory);
  check(count == static_cast<zip_int64_t>(bytes.size()));
  return bytes;
}

}  // namespace genmatch
