// An option that is a tree for somebody else to read.
#include <gmock/gmock.h>

#include "tests/config/fake_catalog.h"

namespace genmatch {
namespace {

using testing::IsEmpty;

struct Free {
  Node anything;
  int64_t width = 3;
  void fields(Fields& f) {
    f("anything", anything, "whatever is written");
    f("width", width, "how wide");
  }
};

Free read(const std::string& text) {
  Problems problems;
  Free free;
  const Node root = parse_yaml(text, "f.yaml", problems);
  read_fields(
      root, [&](Fields& f) { free.fields(f); }, fake::catalog(), problems);
  EXPECT_THAT(problems.lines(), IsEmpty());
  return free;
}

std::string written(Free free) {
  return to_yaml(write_fields([&](Fields& f) { free.fields(f); }, fake::catalog()));
}

TEST(NodeOption, TakesWhateverIsWrittenWithItsPlaces) {
  const Free free = read("anything: {a.b: [1, {c: d}]}\nwidth: 5\n");
  const Node* list = free.anything.find("a.b");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->items[1].find("c")->mark.text(), "f.yaml:1:25");
  EXPECT_EQ(free.width, 5);
}

TEST(NodeOption, IsWrittenAsItWasRead) {
  for (const char* text : {"anything: {a.b: [1, {c: \"7\"}]}\nwidth: 5\n", "anything: [x]\nwidth: 3\n",
                           "anything: null\nwidth: 3\n", "anything: word\nwidth: 3\n"})
    EXPECT_EQ(written(read(text)), text);
}

TEST(NodeOption, IsNullUnlessStated) {
  EXPECT_EQ(read("width: 4\n").anything.kind, Node::Kind::null);
  EXPECT_EQ(read("anything:\n").anything.kind, Node::Kind::null);
}

TEST(NodeOption, IsDescribed) {
  Free free;
  const auto docs = describe_fields([&](Fields& f) { free.fields(f); }, fake::catalog());
  ASSERT_EQ(docs.size(), 2u);
  EXPECT_EQ(docs[0].key, "anything");
  EXPECT_EQ(docs[0].type, "YAML");
  EXPECT_EQ(docs[0].doc, "whatever is written");
}

TEST(FlowYaml, IsOneLineThatReadsBack) {
  Problems problems;
  const std::string wide = "key: {" + std::string(60, 'a') + ": [1, 2], " + std::string(60, 'b') + ": \"x\\ny\"}";
  const Node node = parse_yaml(wide, "f.yaml", problems);
  const std::string flow = to_flow_yaml(node);
  EXPECT_EQ(flow.find('\n'), std::string::npos);
  EXPECT_EQ(to_yaml(parse_yaml(flow, "g.yaml", problems)), to_yaml(node));
  EXPECT_EQ(to_flow_yaml(parse_yaml("type: mlp\nwidth: 64\n", "f.yaml", problems)), "{type: mlp, width: 64}");
  EXPECT_THAT(problems.lines(), IsEmpty());
}

}  // namespace
}  // namespace genmatch
