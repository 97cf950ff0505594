#include "core/data/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/make_dataset.h"

namespace genmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(File, IsFoundInTheFolderFirstThenWhereOneSearches) {
  const TemporaryFolder folder, first, second;
  const std::string in_second = second.write("earth/a.csv", "2");
  const std::vector<std::string> search{first.path(), second.path()};
  EXPECT_EQ(find_file("earth/a.csv", folder.path(), search, ""), in_second);
  const std::string in_first = first.write("earth/a.csv", "1");
  EXPECT_EQ(find_file("earth/a.csv", folder.path(), search, ""), in_first);
  const std::string in_folder = folder.write("earth/a.csv", "0");
  EXPECT_EQ(find_file("earth/a.csv", folder.path(), search, ""), in_folder);
  EXPECT_EQ(find_file(in_second, folder.path(), search, ""), in_second);
}

TEST(File, MissingOnesAreReportedWithPlacesAndOrigin) {
  const TemporaryFolder folder, other;
  const auto find = [&] { find_file("earth/a.csv", folder.path(), {other.path()}, "example.org, data/"); };
  EXPECT_EQ(message_of(find),
            "earth/a.csv: no such data file; looked for it at:\n  " + folder.path() + "/earth/a.csv\n  " +
                other.path() +
                "/earth/a.csv\nGet it from: example.org, data/\nPut it at one of these places, or set "
                "GENMATCH_DATA to the folder that holds it");
  EXPECT_THAT(message_of([&] { find_file("/no/such.csv", folder.path(), {other.path()}, ""); }),
              AllOf(HasSubstr("at:\n  /no/such.csv\nPut it")));
}

TEST(File, BytesAreReadAsTheyAre) {
  const TemporaryFolder folder;
  const std::string bytes("a\0\r\n\xff", 5);
  EXPECT_EQ(read_bytes(folder.write("a", bytes)), bytes);
  EXPECT_EQ(read_bytes(folder.write("empty", "")), "");
}

TEST(File, WhatCannotBeReadIsNamed) {
  const TemporaryFolder folder;
  const auto message = [](const std::string& path) { return message_of([&] { read_bytes(path); }); };
  EXPECT_EQ(message(folder.path()), folder.path() + ": is a folder; name a file in it");
  EXPECT_EQ(message("/dev/zero"), "/dev/zero: is not a regular file");
  EXPECT_EQ(message(folder.path() + "/x"), folder.path() + "/x: no such file");
}

TEST(File, HashIsTheCheckValueOfItsStandard) {
  EXPECT_EQ(hash_hex("123456789"), "995dc9bbdf1939fa");  // CRC-64/XZ in the catalogue of parametrised CRC algorithms
  EXPECT_EQ(hash_hex(""), "0000000000000000");
}

}  // namespace
}  // namespace genmatch
