#include "core/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/data/file.h"
#include "core/data/npz.h"
#include "core/errors.h"
#include "core/ops.h"

namespace genmatch {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A .npy file put together by hand, so that it does not depend on write_npy.
template <class T>
std::string npy(const std::string& dictionary, const std::vector<T>& values, char version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += version;
  bytes += '\0';
  const auto size = static_cast<uint32_t>(dictionary.size());
  bytes.append(reinterpret_cast<const char*>(&size), version == 1 ? 2 : 4);
  bytes += dictionary;
  for (const T v : values) bytes.append(reinterpret_cast<const char*>(&v), sizeof(T));
  return bytes;
}

std::string dictionary(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

std::string fault(const std::string& bytes) {
  try {
    parse_npy(bytes, "a.npy");
  } catch (const DataError& e) {
    return e.what();
  }
  return "no error";
}

std::string temporary(const std::string& name) { return testing::TempDir() + "/genmatch-" + name; }

template <class T>
void expect_reads_back(const char* descr, at::ScalarType type) {
  for (const char version : {1, 2, 3}) {
    const Tensor x = parse_npy(npy<T>(dictionary(descr, "(2, 3)"), {1, 0, 1, 0, 0, 1}, version), "a.npy");
    EXPECT_TRUE(at::equal(x, at::tensor({1, 0, 1, 0, 0, 1}).reshape({2, 3}).to(type))) << descr;
    EXPECT_EQ(x.scalar_type(), type);
  }
}

TEST(Npy, ReadsEachTypeAndVersion) {
  expect_reads_back<float>("<f4", at::kFloat);
  expect_reads_back<double>("<f8", at::kDouble);
  expect_reads_back<int32_t>("<i4", at::kInt);
  expect_reads_back<int64_t>("<i8", at::kLong);
  expect_reads_back<uint8_t>("|u1", at::kByte);
  expect_reads_back<uint8_t>("|b1", at::kBool);
}

TEST(Npy, ReadsFortranOrder) {
  const Tensor x = parse_npy(npy<double>(dictionary("<f8", "(2, 3)", "True"), {1, 2, 3, 4, 5, 6}), "a.npy");
  EXPECT_TRUE(at::equal(x, at::tensor({1., 3., 5., 2., 4., 6.}, at::kDouble).reshape({2, 3})));
  EXPECT_TRUE(x.is_contiguous());
}

TEST(Npy, ReadsScalarsVectorsAndEmptyArrays) {
  EXPECT_EQ(parse_npy(npy<double>(dictionary("<f8", "()"), {7}), "a.npy").sizes(), (Shape{}));
  EXPECT_EQ(parse_npy(npy<double>(dictionary("<f8", "(3,)"), {1, 2, 3}), "a.npy").sizes(), (Shape{3}));
  EXPECT_EQ(parse_npy(npy<double>(dictionary("<f8", "(0, 4)"), {}), "a.npy").sizes(), (Shape{0, 4}));
  EXPECT_EQ(parse_npy(npy<double>(dictionary("<f8", "(4000000000, 4000000000, 0)"), {}), "a.npy").numel(), 0);
}

TEST(Npy, HeaderMayBeWrittenInAnyOrderAndSpacing) {
  const std::string text = "{\"shape\":(2,) ,'fortran_order':False,   \"descr\" : '<f8'}";
  EXPECT_TRUE(at::equal(parse_npy(npy<double>(text, {4, 5}), "a.npy"), at::tensor({4., 5.}, at::kDouble)));
}

TEST(Npy, RefusesOtherTypesWithAdvice) {
  EXPECT_THAT(fault(npy<double>(dictionary(">f8", "(1,)"), {1})),
              AllOf(StartsWith("a.npy: holds big-endian numbers"), HasSubstr("newbyteorder('<')")));
  EXPECT_THAT(fault(npy<double>(dictionary("|O", "(1,)"), {1})), HasSubstr("numbers of type \"|O\"; expected float32"));
  EXPECT_THAT(fault(npy<double>("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1,)}", {1})),
              HasSubstr("records with fields"));
}

TEST(Npy, RefusesDamagedFiles) {
  const std::string good = npy<double>(dictionary("<f8", "(2,)"), {1, 2});
  EXPECT_EQ(fault(""), "a.npy: is not a NumPy file (it does not begin with \\x93NUMPY)");
  EXPECT_EQ(fault("lat,lon\n1,2\n"), fault(""));
  EXPECT_EQ(fault(good.substr(0, 9)), "a.npy: ends within the NumPy header; the file is cut off");
  EXPECT_EQ(fault(good.substr(0, 40)), "a.npy: ends within the NumPy header; the file is cut off");
  EXPECT_EQ(fault(good.substr(0, good.size() - 1)),
            "a.npy: the shape (2) asks for 2 numbers of 8 bytes, but 15 bytes follow; the file is damaged or cut off");
  EXPECT_THAT(fault(good + "x"), HasSubstr("but 17 bytes follow"));
  EXPECT_THAT(fault(npy<double>(dictionary("<f8", "(2,)"), {1, 2}, 4)), HasSubstr("version 4.0 is not known"));
  const std::string huge = dictionary("<f8", "(9223372036854775807, 2)");
  EXPECT_THAT(fault(npy<double>(huge, {1})), HasSubstr("asks for too many numbers"));
  for (const char* shape : {"(-1,)", "(2", "2", "(2.5,)", "(99999999999999999999,)"}) {
    EXPECT_THAT(fault(npy<double>(dictionary("<f8", shape), {1, 2})), EndsWith("the file is damaged")) << shape;
  }
  EXPECT_THAT(fault(npy<double>("{'descr': '<f8'}", {1})), HasSubstr("lacks descr, fortran_order or shape"));
}

TEST(Npy, WrittenArraysAreReadBackAndAligned) {
  const std::string file = temporary("written.npy");
  const Tensor arrays[] = {at::arange(6, at::kDouble).reshape({2, 3}).t(), at::zeros({0, 2}, at::kFloat),
                           at::scalar_tensor(5, at::kLong), at::full({1}, -0.25, at::kFloat)};
  for (const Tensor& x : arrays) {
    write_npy(file, x);
    const Tensor back = read_npy(file);
    EXPECT_TRUE(at::equal(back, x));
    EXPECT_EQ(back.scalar_type(), x.scalar_type());
    const std::string bytes = read_bytes(file);
    EXPECT_EQ((bytes.size() - x.nbytes()) % 64, 0u);  // as the format asks
    EXPECT_EQ(bytes[bytes.size() - x.nbytes() - 1], '\n');
  }
  std::filesystem::remove(file);
}

TEST(Npy, WritingReportsItsTroubles) {
  EXPECT_THROW(write_npy("/no/such/folder/x.npy", at::zeros({1})), IoError);
  EXPECT_THROW(write_npy("/dev/full", at::zeros({1 << 20})), IoError);
  EXPECT_THROW(write_npy(temporary("x.npy"), at::zeros({1}, at::kBool)), ContractError);
}

void write_npz(const std::string& file, const std::vector<std::pair<std::string, std::string>>& members) {
  std::filesystem::remove(file);
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE, nullptr);
  ASSERT_NE(archive, nullptr);
  for (const auto& [name, bytes] : members) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    ASSERT_GE(zip_file_add(archive, name.c_str(), source, 0), 0);
  }
  ASSERT_EQ(zip_close(archive), 0);
}

std::string npz_fault(const std::string& file, const std::string& member) {
  try {
    read_npy(file, member);
  } catch (const DataError& e) {
    return e.what();
  }
  return "no error";
}

TEST(Npz, ReadsMembers) {
  const std::string file = temporary("two.npz");
  write_npz(file, {{"x.npy", npy<double>(dictionary("<f8", "(2,)"), {1, 2})},
                   {"y.npy", npy<float>(dictionary("<f4", "(1,)"), {3})}});
  EXPECT_TRUE(at::equal(read_npy(file, "x"), at::tensor({1., 2.}, at::kDouble)));
  EXPECT_TRUE(at::equal(read_npy(file, "y.npy"), at::tensor({3.f})));
  EXPECT_EQ(npz_fault(file, ""),
            file + ": holds several arrays; choose one with member:; it has: \"x.npy\", \"y.npy\"");
  EXPECT_EQ(npz_fault(file, "z"), file + ": has no member \"z\"; it has: \"x.npy\", \"y.npy\"");
  write_npz(file, {{"only.npy", npy<double>(dictionary("<f8", "(1,)"), {9})}});
  EXPECT_EQ(read_npy(file).item<double>(), 9);
  std::filesystem::remove(file);
}

TEST(Npz, PlainFilesHaveNoMembers) {
  const std::string file = temporary("plain.npy");
  write_npy(file, at::zeros({1}));
  EXPECT_EQ(npz_fault(file, "x"), file + ": is no .npz archive, so it has no member \"x\"");
  std::filesystem::remove(file);
}

/// Whatever the bytes are, reading gives a tensor or a DataError.
void expect_never_crashes(const std::string& good, const std::string& file, int rounds) {
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < rounds; ++i) {
    std::string bytes = good;
    if (i % 2 == 0) bytes.resize(random() % bytes.size());
    for (unsigned flips = 1 + random() % 3; flips > 0 && !bytes.empty(); --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 256);
    }
    try {
      if (file.empty()) {
        parse_npy(bytes, "a.npy");
      } else {
        std::ofstream(file, std::ios::binary) << bytes;
        read_npy(file);
      }
    } catch (const DataError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, rounds / 4);
}

TEST(Npy, DamagedBytesNeverCrash) {
  expect_never_crashes(npy<double>(dictionary("<f8", "(2, 3)"), {1, 2, 3, 4, 5, 6}), "", 4000);
}

TEST(Npz, DamagedArchivesNeverCrash) {
  const std::string file = temporary("damaged.npz");
  write_npz(file, {{"x.npy", npy<double>(dictionary("<f8", "(2, 3)"), {1, 2, 3, 4, 5, 6})}});
  expect_never_crashes(read_bytes(file), file, 1000);
  std::filesystem::remove(file);
}

TEST(Npz, WrittenArchivesAreReadBack) {
  const std::string file = temporary("written.npz");
  const Tensor x = at::arange(6, at::kDouble).reshape({2, 3}), y = at::zeros({0, 4}, at::kFloat);
  const std::string bytes = npz_bytes({{"x", x}, {"y", y}});
  std::ofstream(file, std::ios::binary) << bytes;
  EXPECT_TRUE(read_npy(file, "x").equal(x));
  EXPECT_TRUE(read_npy(file, "y").equal(y));
  EXPECT_EQ(npz_bytes({{"x", x}, {"y", y}}), bytes);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace genmatch
