#include "core/learn/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/errors.h"
#include "core/ops.h"
#include "core/rng.h"
#include "tests/learn/fixture.h"

namespace genmatch {
namespace {

using testing::HasSubstr;

Checkpoint example() {
  Rng rng(1, "checkpoint_test");
  Checkpoint c;
  c.tensors["model/hidden.0.weight"] = rng.normal({3, 4}, at::kFloat);
  c.tensors["model/hidden.0.bias"] = rng.normal({4}, at::kDouble);
  c.tensors["optimizer/step"] = at::full({}, 7, at::kLong);
  c.tensors["empty"] = at::zeros({0, 5}, at::kFloat);
  c.tensors["flags"] = at::ones({3}, at::kBool);
  c.tensors["transposed"] = rng.normal({5, 2}, at::kFloat).t();
  c.metadata = {{"step", "12"}, {"quotes \"checksum\":\"0000000000000000\"", "line\nbreak, ünï"}};
  return c;
}

void expect_equal(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, tensor] : a.tensors) {
    ASSERT_TRUE(b.tensors.count(name)) << name;
    EXPECT_EQ(tensor.scalar_type(), b.tensors.at(name).scalar_type()) << name;
    EXPECT_TRUE(at::equal(tensor, b.tensors.at(name))) << name;
  }
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void overwrite(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

TEST(CheckpointFile, ComesBackBitForBit) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.safetensors");
  save_checkpoint(path, example());
  expect_equal(example(), load_checkpoint(path));
  save_checkpoint(path, {});
  expect_equal({}, load_checkpoint(path));
}

// Read by the published description of the format, not by our reader.
TEST(CheckpointFile, IsInTheSafetensorsFormat) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.safetensors");
  save_checkpoint(path, example());
  const std::string bytes = content(path);
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  EXPECT_EQ((8 + length) % 8, 0U);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  const auto& weight = header.at("model/hidden.0.weight");
  EXPECT_EQ(weight.at("dtype"), "F32");
  EXPECT_EQ(weight.at("shape"), (std::vector<int64_t>{3, 4}));
  const auto begin = weight.at("data_offsets")[0].get<std::size_t>();
  EXPECT_EQ(weight.at("data_offsets")[1].get<std::size_t>() - begin, 48U);
  float first = 0;
  std::memcpy(&first, bytes.data() + 8 + length + begin, 4);
  EXPECT_EQ(first, example().tensors["model/hidden.0.weight"][0][0].item<float>());
  EXPECT_EQ(header.at("__metadata__").at("step"), "12");
  EXPECT_EQ(header.at("optimizer/step").at("shape"), std::vector<int64_t>{});
}

TEST(CheckpointFile, EveryDamageIsNoticed) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.safetensors");
  save_checkpoint(path, example());
  const std::string whole = content(path);
  for (std::size_t length = 0; length < whole.size(); length += 3) {
    overwrite(path, whole.substr(0, length));
    EXPECT_THROW(load_checkpoint(path), IoError) << "cut to " << length;
  }
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    overwrite(path, damaged);
    EXPECT_THROW(load_checkpoint(path), IoError) << "bit " << i % 8 << " of byte " << i;
  }
  overwrite(path, whole + "x");
  EXPECT_THROW(load_checkpoint(path), IoError);
}

// Headers that lie, though their checksums fit: what a reader must survive whoever wrote the file.
TEST(CheckpointFile, LyingHeadersAreRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.safetensors");
  const std::vector<std::string> headers{
      "",
      "[]",
      "null",
      "{",
      R"({"a": 5})",
      R"({"__metadata__": {}})",
      R"({"__metadata__": 3})",
      R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}})",
      std::string(100000, '['),
  };
  for (const std::string& header : headers) {
    const uint64_t length = header.size();
    overwrite(path, std::string(reinterpret_cast<const char*>(&length), 8) + header + std::string(8, '\0'));
    EXPECT_THROW(load_checkpoint(path), IoError) << header.substr(0, 80);
  }
  for (const uint64_t length : {uint64_t{9}, uint64_t{1} << 40, ~uint64_t{0}, ~uint64_t{0} - 7}) {
    overwrite(path, std::string(reinterpret_cast<const char*>(&length), 8) + "{}      ");
    EXPECT_THROW(load_checkpoint(path), IoError) << length;
  }
}

TEST(CheckpointFile, ErrorsNameTheFile) {
  const TemporaryFolder folder;
  try {
    load_checkpoint(folder.path("none.safetensors"));
    FAIL();
  } catch (const IoError& e) {
    EXPECT_THAT(e.what(), HasSubstr("none.safetensors"));
    EXPECT_THAT(e.what(), HasSubstr("No such file"));
  }
  EXPECT_THROW(load_checkpoint(folder.path()), IoError) << "a folder";
  EXPECT_THROW(save_checkpoint(folder.path("no/such/folder"), {}), IoError);
  EXPECT_THROW(save_checkpoint(folder.path("a"), {{{"c", at::zeros({1}, at::kComplexFloat)}}, {}}), ContractError);
  EXPECT_THROW(save_checkpoint(folder.path("a"), {{}, {{"checksum", "mine"}}}), ContractError);
  EXPECT_THROW(save_checkpoint(folder.path("a"), {{{"__metadata__", at::zeros({1})}}, {}}), ContractError);
}

// A limit on the size of files stands in for a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(CheckpointFile, AFullDiskLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::string path = folder.path("a.safetensors");
  save_checkpoint(path, example());
  {
    const FullDisk disk(100);
    EXPECT_THROW(save_checkpoint(path, {{{"big", at::zeros({1000})}}, {}}), IoError);
    EXPECT_THROW(write_file_atomically(path, std::string(500, 'x')), IoError);
  }
  expect_equal(example(), load_checkpoint(path));
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) files += entry.is_regular_file();
  EXPECT_EQ(files, 1) << "no temporary file is left";
}

TEST(WriteFileAtomically, WritesAndReplaces) {
  const TemporaryFolder folder;
  const std::string path = folder.path("result.json");
  write_file_atomically(path, "one");
  write_file_atomically(path, std::string("two\0three", 9));
  EXPECT_EQ(content(path), std::string("two\0three", 9));
}

TEST(CheckpointStore, KeepsTheLastTwo) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path("run/checkpoints"));
  EXPECT_FALSE(store.latest(nullptr).has_value());
  for (const int64_t step : {3, 10, 123456789}) store.save(step, {{}, {{"step", std::to_string(step)}}});
  EXPECT_FALSE(std::filesystem::exists(store.path(3)));
  EXPECT_TRUE(std::filesystem::exists(folder.path("run/checkpoints/step-00000010.safetensors")));
  EXPECT_EQ(store.latest(nullptr)->metadata.at("step"), "123456789");
}

TEST(CheckpointStore, GoesBackToTheOneBeforeADamagedOne) {
  const TemporaryFolder folder;
  const CheckpointStore store(folder.path());
  store.save(10, {{}, {{"step", "10"}}});
  store.save(20, {{}, {{"step", "20"}}});
  overwrite(store.path(20), content(store.path(20)).substr(0, 30));
  std::string warning;
  EXPECT_EQ(store.latest(&warning)->metadata.at("step"), "10");
  EXPECT_THAT(warning, HasSubstr("step-00000020"));
  overwrite(store.path(10), "");
  EXPECT_THROW(store.latest(&warning), IoError);
}

TEST(CheckpointStore, RefusesAFolderThatIsAFile) {
  const TemporaryFolder folder;
  overwrite(folder.path("file"), "x");
  EXPECT_THROW(CheckpointStore(folder.path("file")), IoError);
  EXPECT_THROW(CheckpointStore(folder.path("file/below")), IoError);
}

}  // namespace
}  // namespace genmatch
