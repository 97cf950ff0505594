#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "core/config/node.h"
#include "tests/temporary_folder.h"

namespace genmatch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class LoadYaml : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { folder_.write(name, text); }
  std::string path(const std::string& name) const { return folder_.path(name); }
  Node load(const std::string& name) {
    Problems problems;
    Node root = load_yaml(path(name), problems);
    problems_ = problems.lines();
    for (std::string& line : problems_) line = folder_.without(line);
    return root;
  }
  std::string loaded(const std::string& name) {
    const Node root = load(name);
    EXPECT_THAT(problems_, IsEmpty());
    return to_yaml(root);
  }

  TemporaryFolder folder_;
  std::vector<std::string> problems_;
};

TEST_F(LoadYaml, OwnKeysOverrideIncludedOnes) {
  write("base.yaml", "name: base\nmodel: {type: mlp, width: 64, depth: 2}\nlist: [1, 2]\nseed: 1\n");
  write("own.yaml", "include: base.yaml\nname: own\nmodel: {width: 8}\nlist: [3]\nextra: x\n");
  EXPECT_EQ(loaded("own.yaml"), "name: own\nmodel: {type: mlp, width: 8, depth: 2}\nlist: [3]\nseed: 1\nextra: x\n");
}

TEST_F(LoadYaml, LaterIncludesOverrideEarlierOnesAndEachIsRelativeToItsFile) {
  write("a/one.yaml", "x: 1\ny: 1\nz: 1\n");
  write("a/b/two.yaml", "include: ../one.yaml\ny: 2\n");
  write("three.yaml", "y: 3\n");
  write("own.yaml", "include: [a/b/two.yaml, three.yaml]\nw: 0\n");
  EXPECT_EQ(loaded("own.yaml"), "x: 1\ny: 3\nz: 1\nw: 0\n");
}

TEST_F(LoadYaml, AComponentOfAnotherTypeReplacesTheWholeMap) {
  write("base.yaml", "model: {type: mlp, width: 64, inner: {type: a, p: 1}}\n");
  write("own.yaml", "include: base.yaml\nmodel: {type: unet, depth: 3}\n");
  EXPECT_EQ(loaded("own.yaml"), "model: {type: unet, depth: 3}\n");
  write("own.yaml", "include: base.yaml\nmodel: {type: mlp, inner: {type: b}}\n");
  EXPECT_EQ(loaded("own.yaml"), "model: {type: mlp, width: 64, inner: {type: b}}\n");
}

TEST_F(LoadYaml, ShortFormsMergeAsTheMapsTheyStandFor) {
  write("base.yaml", "path: geodesic\nmodel: {type: mlp, width: 64}\nplain: x\n");
  write("own.yaml", "include: base.yaml\npath: {schedule: cosine}\nmodel: unet\n");
  EXPECT_EQ(loaded("own.yaml"), "path: {type: geodesic, schedule: cosine}\nmodel: unet\nplain: x\n");
  write("own.yaml", "include: base.yaml\npath: {type: linear}\n");
  EXPECT_EQ(loaded("own.yaml"), "path: {type: linear}\nmodel: {type: mlp, width: 64}\nplain: x\n");
}

TEST_F(LoadYaml, ValuesKeepTheFileTheyWereWrittenIn) {
  write("base.yaml", "a: 1\nb: 2\n");
  write("own.yaml", "include: base.yaml\nb: 3\n");
  const Node root = load("own.yaml");
  EXPECT_EQ(root.find("a")->mark.text(), path("base.yaml") + ":1:4");
  EXPECT_EQ(root.find("b")->mark.text(), path("own.yaml") + ":2:4");
}

TEST_F(LoadYaml, TheSameFileMayBeIncludedTwice) {
  write("common.yaml", "x: 1\n");
  write("a.yaml", "include: common.yaml\na: 1\n");
  write("b.yaml", "include: common.yaml\nb: 1\n");
  write("own.yaml", "include: [a.yaml, b.yaml]\n");
  EXPECT_EQ(loaded("own.yaml"), "x: 1\na: 1\nb: 1\n");
}

TEST_F(LoadYaml, ACycleIsRefusedWithItsChain) {
  write("a.yaml", "name: x\ninclude: sub/b.yaml\n");
  write("sub/b.yaml", "include:\n  - ../a.yaml\n");
  load("a.yaml");
  EXPECT_THAT(problems_,
              ElementsAre("sub/b.yaml:2:5: include: the files include each other: a.yaml -> sub/b.yaml -> a.yaml"));
  write("self.yaml", "include: self.yaml\n");
  load("self.yaml");
  EXPECT_THAT(problems_, ElementsAre("self.yaml:1:1: include: the files include each other: self.yaml -> self.yaml"));
}

TEST_F(LoadYaml, AFileThatCannotBeReadIsAProblemOfWhoAskedForIt) {
  load("absent.yaml");
  EXPECT_THAT(problems_, ElementsAre("absent.yaml: cannot be read: No such file or directory"));
  write("empty.yaml", "");
  write("list.yaml", "[1]\n");
  write("binary.yaml", std::string("a: \0", 4));
  write("broken.yaml", "a: {\n");
  write("own.yaml",
        "name: x\ninclude: [absent.yaml, \".\", empty.yaml, list.yaml, binary.yaml, broken.yaml, [x], ~]\n");
  load("own.yaml");
  EXPECT_THAT(problems_, ElementsAre("own.yaml:2:11: include: absent.yaml cannot be read: No such file or directory",
                                     HasSubstr("own.yaml:2:24: include: "),
                                     "own.yaml:2:29: include: empty.yaml is empty; expected a map of options",
                                     "list.yaml:1:1: expected a map of options at the top of the file, got a list",
                                     "binary.yaml:1:4: is not a text file in UTF-8: found the byte 0x00",
                                     HasSubstr("broken.yaml:2:1: is not valid YAML"),
                                     "own.yaml:2:78: include: expected the path of a YAML file, got a list",
                                     HasSubstr("include: expected the path of a YAML file, got nothing")));
  write("own.yaml", "include: absent.yaml\n");
  load("own.yaml");
  EXPECT_THAT(problems_, ElementsAre("own.yaml:1:1: include: absent.yaml cannot be read: No such file or directory"));
  write("own.yaml", "include: {a: 1}\n");
  load("own.yaml");
  EXPECT_THAT(problems_, ElementsAre("own.yaml:1:1: include: expected the path of a YAML file, got a map"));
}

TEST_F(LoadYaml, TheFileItselfCanBeAllOfThoseToo) {
  write("empty.yaml", "# nothing\n");
  load("empty.yaml");
  EXPECT_THAT(problems_, ElementsAre("empty.yaml: is empty; expected a map of options"));
  fs::create_directory(path("folder"));
  load("folder");
  EXPECT_THAT(problems_, ElementsAre("folder: is a folder, not a file"));
  write("large.yaml", "a: " + std::string(5u << 20, 'x'));
  load("large.yaml");
  EXPECT_THAT(problems_, ElementsAre("large.yaml: is larger than 4 MB: no experiment file"));
}

TEST(LoadYamlFrom, AnEndlessDeviceEnds) {
  Problems problems;
  load_yaml("/dev/zero", problems);
  EXPECT_THAT(problems.lines(), ElementsAre("/dev/zero: is larger than 4 MB: no experiment file"));
}

}  // namespace
}  // namespace genmatch
