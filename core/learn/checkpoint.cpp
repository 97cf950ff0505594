// The safetensors format: a 64-bit little-endian header length, a JSON header {name: {dtype, shape, data_offsets},
// "__metadata__": {text: text}}, then the tensors' bytes without gaps.
#include "core/learn/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {

namespace {

using nlohmann::json;

constexpr const char* kMetadata = "__metadata__";
constexpr const char* kChecksum = "checksum";
const std::string kNoChecksum(16, '0');

struct Dtype {
  const char* name;
  at::ScalarType type;
};
constexpr std::array<Dtype, 10> kDtypes{{{"F32", at::kFloat},
                                         {"F64", at::kDouble},
                                         {"F16", at::kHalf},
                                         {"BF16", at::kBFloat16},
                                         {"I64", at::kLong},
                                         {"I32", at::kInt},
                                         {"I16", at::kShort},
                                         {"I8", at::kChar},
                                         {"U8", at::kByte},
                                         {"BOOL", at::kBool}}};

std::string checksum(const std::string& header, const char* data, std::size_t size) {
  boost::crc_optimal<64, 0x42F0E1EBA9EA3693, ~0ULL, ~0ULL, true, true> crc;  // CRC-64/XZ
  crc.process_bytes(header.data(), header.size());
  crc.process_bytes(data, size);
  return fmt::format("{:016x}", crc.checksum());
}

// `"checksum":"<hex>"`: within JSON text no other value can contain these unescaped quotes.
std::string checksum_entry(const std::string& hex) { return fmt::format("\"{}\":\"{}\"", kChecksum, hex); }

std::string header_of(const Checkpoint& checkpoint, const std::map<std::string, Tensor>& tensors) {
  json header = json::object();
  int64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const auto dtype =
        std::find_if(kDtypes.begin(), kDtypes.end(), [&](const Dtype& d) { return d.type == tensor.scalar_type(); });
    if (name == kMetadata) throw ContractError("save_checkpoint: a tensor cannot be named " + name);
    if (dtype == kDtypes.end())
      throw ContractError("save_checkpoint: " + name + ": the format has no dtype for " + c10::str(tensor.dtype()));
    const int64_t bytes = static_cast<int64_t>(tensor.nbytes());
    header[name] = {
        {"dtype", dtype->name}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  header[kMetadata] = checkpoint.metadata;
  header[kMetadata][kChecksum] = kNoChecksum;
  std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');  // so that the data are aligned
  return text;
}

// One tensor's entry, checked against the number of data bytes.
struct Entry {
  std::string name;
  at::ScalarType type;
  Shape shape;
  uint64_t begin = 0, end = 0;
};

Entry parse_entry(const std::string& name, const json& item, uint64_t data_size) {
  Entry entry{name, at::kFloat, item.at("shape").get<Shape>(), 0, 0};
  const std::string dtype_name = item.at("dtype").get<std::string>();
  const auto dtype = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const Dtype& d) { return dtype_name == d.name; });
  if (dtype == kDtypes.end()) throw IoError("tensor " + name + " has the unknown dtype " + dtype_name);
  entry.type = dtype->type;
  const auto offsets = item.at("data_offsets").get<std::vector<uint64_t>>();
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data_size)
    throw IoError("tensor " + name + " lies outside the file");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  // A negative size is a huge one here; dividing instead of multiplying cannot overflow.
  const uint64_t elements = (entry.end - entry.begin) / c10::elementSize(entry.type);
  uint64_t count = 1;
  for (const int64_t size : entry.shape) {
    if (size < 0 || (size != 0 && count > data_size / static_cast<uint64_t>(size)))
      throw IoError("tensor " + name + " has an impossible shape");
    count *= static_cast<uint64_t>(size);
  }
  if (count != elements || elements * c10::elementSize(entry.type) != entry.end - entry.begin)
    throw IoError("tensor " + name + " has not the size that its shape says");
  return entry;
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw IoError(path + ": cannot be read: " + std::strerror(errno));
  std::ostringstream content;
  content << file.rdbuf();
  if (file.bad()) throw IoError(path + ": cannot be read: " + std::strerror(errno));
  return content.str();
}

void verify_checksum(std::string header, const std::string& expected, const std::string& content, std::size_t data) {
  const std::string entry = checksum_entry(expected);
  const std::size_t at = header.find(entry);
  if (at == std::string::npos) throw IoError("it has no checksum");
  header.replace(at, entry.size(), checksum_entry(kNoChecksum));
  if (checksum(header, content.data() + data, content.size() - data) != expected)
    throw IoError("its checksum does not fit its content");
}

Checkpoint parse(const std::string& content) {
  uint64_t length = 0;
  if (content.size() < sizeof(length)) throw IoError("it is shorter than a header");
  std::memcpy(&length, content.data(), sizeof(length));
  if (length > content.size() - sizeof(length)) throw IoError("its header is cut off");
  const std::size_t data = sizeof(length) + length;
  const std::string text = content.substr(sizeof(length), length);
  const json header = json::parse(text);

  Checkpoint checkpoint;
  checkpoint.metadata = header.at(kMetadata).get<std::map<std::string, std::string>>();
  verify_checksum(text, checkpoint.metadata.at(kChecksum), content, data);
  checkpoint.metadata.erase(kChecksum);

  std::vector<Entry> entries;
  for (const auto& [name, item] : header.items())
    if (name != kMetadata) entries.push_back(parse_entry(name, item, content.size() - data));
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });
  uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != covered) throw IoError("tensor " + entry.name + " overlaps another or leaves a gap");
    covered = entry.end;
    Tensor tensor = at::empty(entry.shape, entry.type);
    if (tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), content.data() + data + entry.begin, tensor.nbytes());
    checkpoint.tensors[entry.name] = tensor;
  }
  if (covered != content.size() - data) throw IoError("it has bytes that belong to no tensor");
  return checkpoint;
}

}  // namespace

void save_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  if (checkpoint.metadata.count(kChecksum) != 0)
    throw ContractError("save_checkpoint: the metadata name \"checksum\" is taken by the format");
  std::map<std::string, Tensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors) tensors[name] = tensor.detach().to(at::kCPU).contiguous();
  const std::string header = header_of(checkpoint, tensors);
  const uint64_t length = header.size();
  std::string content(reinterpret_cast<const char*>(&length), sizeof(length));
  content += header;
  for (const auto& [name, tensor] : tensors)
    content.append(static_cast<const char*>(tensor.data_ptr()), tensor.nbytes());
  const std::size_t data = sizeof(length) + header.size();
  const std::string sum = checksum(header, content.data() + data, content.size() - data);
  const std::string blank = checksum_entry(kNoChecksum);
  content.replace(content.find(blank), blank.size(), checksum_entry(sum));
  write_file_atomically(path, content);
}

Checkpoint load_checkpoint(const std::string& path) {
  const std::string content = read_all(path);
  try {
    return parse(content);
  } catch (const IoError& e) {
    throw IoError(path + ": is damaged: " + e.what());
  } catch (const std::exception& e) {  // JSON's own, and lengths that no memory can hold
    throw IoError(path + ": is damaged: its header cannot be understood (" + e.what() + ")");
  }
}

}  // namespace genmatch
