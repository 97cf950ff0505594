#include "core/data/npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <system_error>

#include "core/data/file.h"
#include "core/data/npy_header.h"
#include "core/data/npz.h"
#include "core/data/numbers.h"
#include "core/errors.h"
#include "core/ops.h"

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the bytes of .npy files are copied as they are");

namespace genmatch {

namespace {

at::ScalarType scalar_type(const std::string& descr, const std::string& name) {
  static const std::map<std::string, at::ScalarType> known{
      {"<f4", at::kFloat}, {"<f8", at::kDouble}, {"<i4", at::kInt},  {"<i8", at::kLong},
      {"|u1", at::kByte},  {"<u1", at::kByte},   {"|b1", at::kBool}, {"<b1", at::kBool}};
  const auto found = known.find(descr);
  if (found != known.end()) return found->second;
  if (!descr.empty() && descr[0] == '>') {
    throw DataError(fmt::format("{}: holds big-endian numbers ({}); save a.astype(a.dtype.newbyteorder('<'))", name,
                                in_quotes(descr)));
  }
  throw DataError(
      fmt::format("{}: holds numbers of type {}; expected float32, float64, int32, int64, uint8 or bool; "
                  "save a.astype('<f8')",
                  name, in_quotes(descr)));
}

int64_t count_elements(const Shape& shape, std::size_t item_size, std::size_t available, const std::string& name) {
  int64_t count = 1;
  bool overflow = false;
  for (const int64_t size : shape) overflow = __builtin_mul_overflow(count, size, &count) || overflow;
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) count = 0, overflow = false;
  const auto bytes = static_cast<std::size_t>(count);
  if (overflow || bytes > available / item_size || bytes * item_size != available) {
    throw DataError(
        fmt::format("{}: the shape ({}) asks for {} numbers of {} bytes, but {} bytes follow; the file is "
                    "damaged or cut off",
                    name, fmt::join(shape, ", "), overflow ? "too many" : std::to_string(count), item_size, available));
  }
  return count;
}

}  // namespace

Tensor parse_npy(std::string_view bytes, const std::string& name) {
  const NpyHeader header = parse_npy_header(bytes, name);
  constexpr std::size_t most_dimensions = 64;
  if (header.shape.size() > most_dimensions) throw DataError(name + ": has more than 64 dimensions");
  const at::ScalarType type = scalar_type(header.descr, name);
  const std::string_view data = bytes.substr(header.data_offset);
  const int64_t count = count_elements(header.shape, c10::elementSize(type), data.size(), name);
  Tensor flat = at::empty({count}, type);
  if (type == at::kBool) {
    std::transform(data.begin(), data.end(), flat.data_ptr<bool>(), [](char c) { return c != 0; });
  } else {
    std::copy(data.begin(), data.end(), static_cast<char*>(flat.data_ptr()));
  }
  if (!header.fortran_order) return flat.view(header.shape);
  const Shape reversed(header.shape.rbegin(), header.shape.rend());
  Shape axes;
  for (auto i = static_cast<int64_t>(reversed.size()) - 1; i >= 0; --i) axes.push_back(i);
  return flat.view(reversed).permute(axes).contiguous();
}

Tensor read_npy(const std::string& file, const std::string& member) {
  const std::string bytes = read_bytes(file);
  if (is_zip(bytes)) {
    const auto [name, content] = unzip_member(bytes, file, member);
    return parse_npy(content, file + ":" + name);
  }
  if (!member.empty()) throw DataError(file + ": is no .npz archive, so it has no member " + in_quotes(member));
  return parse_npy(bytes, file);
}

std::string npy_bytes(const Tensor& x) {
  static const std::map<at::ScalarType, std::string> known{
      {at::kFloat, "<f4"}, {at::kDouble, "<f8"}, {at::kLong, "<i8"}};
  const auto found = known.find(x.scalar_type());
  if (found == known.end()) {
    throw ContractError(
        fmt::format("write_npy: expected float32, float64 or int64, got {}", toString(x.scalar_type())));
  }
  const Tensor data = x.detach().cpu().contiguous();
  std::string bytes = npy_header_bytes(found->second, data.sizes().vec());
  bytes.append(static_cast<const char*>(data.data_ptr()), data.nbytes());
  return bytes;
}

void write_npy(const std::string& file, const Tensor& x) {
  const std::string bytes = npy_bytes(x);
  errno = 0;
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) throw IoError(file + ": cannot be written: " + std::generic_category().message(errno != 0 ? errno : EIO));
}

}  // namespace genmatch
