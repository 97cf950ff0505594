#include <gmock/gmock.h>

#include <string>

#include "core/config/node.h"
#include "core/errors.h"

namespace genmatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> problems_of(const std::string& text) {
  Problems problems;
  parse_yaml(text, "f.yaml", problems);
  return problems.lines();
}

Node parsed(const std::string& text) {
  Problems problems;
  Node root = parse_yaml(text, "f.yaml", problems);
  EXPECT_THAT(problems.lines(), IsEmpty());
  return root;
}

std::string repeated(int n, const std::string& text) {
  std::string all;
  for (int i = 0; i < n; ++i) all += text;
  return all;
}

TEST(ParseYaml, EveryKeyAndValueKnowsItsPlace) {
  const Node root = parsed(
      "# a comment\n"
      "name: earth\n"
      "space:  {type: sphere, dim: 2}\n"
      "list:\n"
      "  - one\n"
      "  - width: 3\n"
      "    depth: \"4\"\n"
      "empty:\n"
      "last: 1\n");
  EXPECT_EQ(root.kind, Node::Kind::map);
  EXPECT_EQ(root.mark.text(), "f.yaml:2:1");
  EXPECT_EQ(root.entries[0].mark.text(), "f.yaml:2:1");
  EXPECT_EQ(root.find("name")->mark.text(), "f.yaml:2:7");
  EXPECT_EQ(root.find("space")->mark.text(), "f.yaml:3:9");
  EXPECT_EQ(root.find("space")->entries[1].mark.text(), "f.yaml:3:24");
  EXPECT_EQ(root.find("space")->find("dim")->mark.text(), "f.yaml:3:29");
  const Node& list = *root.find("list");
  EXPECT_EQ(list.mark.text(), "f.yaml:5:3");
  EXPECT_EQ(list.items[0].mark.text(), "f.yaml:5:5");
  EXPECT_EQ(list.items[1].mark.text(), "f.yaml:6:5");
  EXPECT_EQ(list.items[1].find("depth")->mark.text(), "f.yaml:7:12");
  EXPECT_EQ(root.find("empty")->kind, Node::Kind::null);
  EXPECT_EQ(root.find("empty")->mark.text(), "f.yaml:8:1") << "what is left out stands where its key stands";
}

TEST(ParseYaml, ColumnsCountCharactersNotBytes) {
  EXPECT_EQ(parsed("{größe: 1, b: 2}").find("b")->mark.text(), "f.yaml:1:15");
  EXPECT_EQ(parsed("\xEF\xBB\xBFname: x\nb: 2").find("b")->mark.text(), "f.yaml:2:4") << "a byte order mark is no text";
}

TEST(ParseYaml, WindowsLineEndsAreFine) {
  const Node root = parsed("a: 1\r\nb: two words\r\n");
  EXPECT_EQ(root.find("b")->text, "two words");
  EXPECT_EQ(root.find("b")->mark.text(), "f.yaml:2:4");
}

TEST(ParseYaml, QuotesAreRemembered) {
  const Node root = parsed("[5, \"5\", '5', five]");
  EXPECT_FALSE(root.items[0].quoted);
  EXPECT_TRUE(root.items[1].quoted);
  EXPECT_TRUE(root.items[2].quoted);
  EXPECT_FALSE(root.items[3].quoted);
}

TEST(ParseYaml, NothingIsANullNode) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n", "~"}) {
    const Node root = parsed(text);
    EXPECT_EQ(root.kind, Node::Kind::null) << text;
    EXPECT_EQ(root.mark.file, "f.yaml") << text;
  }
}

TEST(ParseYaml, ABlockOfTextKeepsItsLineEndsAndADocumentMayEndWithDots) {
  EXPECT_EQ(parsed("a: |\n  two\n  lines\n").find("a")->text, "two\nlines\n");
  EXPECT_EQ(parsed("a: |+\n  two\n\n").find("a")->text, "two\n\n");
  EXPECT_EQ(parsed("a: >-\n  two\n  words\n").find("a")->text, "two words");
  EXPECT_EQ(parsed("a: x\n...\n").find("a")->text, "x");
}

TEST(ParseYaml, DuplicateKeysAreAllReportedAndTheFirstIsKept) {
  Problems problems;
  const Node root = parse_yaml("a: 1\nb: {c: 1, c: 2}\na: 3\na: {x: 1}\n", "f.yaml", problems);
  EXPECT_THAT(problems.lines(), ElementsAre("f.yaml:2:11: duplicate key \"c\"; first written in line 2",
                                            "f.yaml:3:1: duplicate key \"a\"; first written in line 1",
                                            "f.yaml:4:1: duplicate key \"a\"; first written in line 1"));
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.entries.size(), 2u);
}

TEST(ParseYaml, SyntaxErrorsHaveAPlace) {
  EXPECT_THAT(problems_of("a: 1\nb: {c: 1\n"),
              ElementsAre(HasSubstr("f.yaml:3:1: is not valid YAML: end of map flow")));
  EXPECT_THAT(problems_of("a: {\n"),
              ElementsAre("f.yaml:2:1: is not valid YAML: the text ends before a bracket is closed"));
  EXPECT_THAT(problems_of("[1"), ElementsAre(HasSubstr("f.yaml:1:1: a key must be text, got a list (or a bracket")));
  EXPECT_THAT(problems_of(repeated(100000, "[")), testing::SizeIs(1));
  EXPECT_THAT(problems_of("a: b: c\n"), ElementsAre(HasSubstr("f.yaml:1:5: is not valid YAML: illegal map value")));
  EXPECT_THAT(problems_of("a: \"open\n"),
              ElementsAre(HasSubstr("f.yaml:2:1: is not valid YAML: a quoted text has no closing")));
  EXPECT_THAT(problems_of("a: 'open"), ElementsAre(HasSubstr("f.yaml:1:9: is not valid YAML: a quoted text has no")));
  EXPECT_THAT(problems_of("a: [1"), ElementsAre(HasSubstr("f.yaml:1:6: is not valid YAML: end of sequence flow")));
  EXPECT_THAT(problems_of("a: *nobody\n"), ElementsAre(HasSubstr("f.yaml:1:4: is not valid YAML")));
}

TEST(ParseYaml, OnlyTextCanBeAKey) {
  EXPECT_THAT(problems_of("? [1, 2]\n: x\n"), ElementsAre(HasSubstr("f.yaml:1:3: a key must be text, got a list")));
  EXPECT_THAT(problems_of("{a: 1}: x\n"), ElementsAre(HasSubstr("f.yaml:1:1: a key must be text, got a map")));
  EXPECT_THAT(problems_of("a: 1\n~: x\n"), ElementsAre(HasSubstr("f.yaml:2:1: a key must be text, got nothing")));
  EXPECT_THAT(problems_of("a: &k x\n*k : y\n"), ElementsAre(HasSubstr("f.yaml:2:1: a key must be text, got an alias")));
}

TEST(ParseYaml, TagsMergeKeysAndSecondDocumentsAreRefused) {
  EXPECT_THAT(problems_of("a: !!str 5\nb: !mine [1]\n"),
              ElementsAre("f.yaml:1:4: YAML tags have no meaning here: remove \"tag:yaml.org,2002:str\"",
                          "f.yaml:2:4: YAML tags have no meaning here: remove \"!mine\""));
  EXPECT_THAT(problems_of("a: &x {b: 1}\nc:\n  <<: *x\n"), ElementsAre(HasSubstr("f.yaml:3:3: merge keys (<<)")));
  EXPECT_THAT(problems_of("a: 1\n---\nb: 2\n"), ElementsAre(HasSubstr("f.yaml:2:1: a file holds one YAML document")));
}

TEST(ParseYaml, AliasesAreExpanded) {
  const Node root = parsed("a: &x {width: 3}\nb: *x\nc: [*x]\nd: &n\ne: *n\n");
  EXPECT_EQ(root.find("b")->find("width")->text, "3");
  EXPECT_EQ(root.find("b")->find("width")->mark.text(), "f.yaml:1:15") << "where the value was written";
  EXPECT_EQ(root.find("c")->items[0].find("width")->text, "3");
  EXPECT_EQ(root.find("e")->kind, Node::Kind::null);
}

TEST(ParseYaml, AliasesThatMakeACycleAreRefused) {
  EXPECT_THAT(problems_of("a: &x\n  b: *x\n"), ElementsAre(HasSubstr("f.yaml:2:6: the alias stands inside of what")));
}

TEST(ParseYaml, AliasesThatMultiplyAreRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(9, last + ", ") + last + "]\n";
  }
  EXPECT_THAT(problems_of(bomb), ElementsAre(HasSubstr("has more than 100000 values")));
}

TEST(ParseYaml, DepthIsLimited) {
  EXPECT_THAT(problems_of(repeated(100, "[") + repeated(100, "]")), IsEmpty());
  for (int depth : {101, 1000, 100000})
    EXPECT_THAT(problems_of(repeated(depth, "[") + repeated(depth, "]")),
                ElementsAre("f.yaml:1:101: is nested more than 100 levels deep"));
  EXPECT_THAT(problems_of(repeated(300, "- ") + "x"), ElementsAre("f.yaml:1:201: is nested more than 100 levels deep"));
  const std::string deep = repeated(60, "[") + "1" + repeated(60, "]");
  EXPECT_THAT(problems_of("a: &x " + deep + "\nb: " + repeated(60, "[") + "*x" + repeated(60, "]")),
              ElementsAre("f.yaml:2:64: is nested more than 100 levels deep"));
}

TEST(ParseYaml, WhatIsNoTextIsRefused) {
  EXPECT_THAT(problems_of(std::string("a: 1\nb: \0x", 10)),
              ElementsAre("f.yaml:2:4: is not a text file in UTF-8: found the byte 0x00"));
  EXPECT_THAT(problems_of("a: \x04"), ElementsAre(HasSubstr("f.yaml:1:4: is not a text file")));
  EXPECT_THAT(problems_of("a: \xff\xfe"), ElementsAre("f.yaml:1:4: is not a text file in UTF-8: found the byte 0xff"));
  EXPECT_THAT(problems_of("a: \xc3"), ElementsAre(HasSubstr("found the byte 0xc3"))) << "a character cut in two";
}

TEST(Problems, AreThrownTogether) {
  Problems problems;
  problems.throw_if_any();
  problems.add(Mark{"f.yaml", 3, 4}, "first");
  problems.add(Mark{"--set a"}, "second");
  problems.add(Mark{}, "third");
  try {
    problems.throw_if_any();
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& e) {
    EXPECT_STREQ(e.what(), "f.yaml:3:4: first\n--set a: second\nthird");
  }
}

TEST(Problems, TooManyAreCounted) {
  Problems problems;
  for (int i = 0; i < 130; ++i) problems.add(Mark{}, "wrong");
  try {
    problems.throw_if_any();
    FAIL() << "expected a ConfigError";
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), testing::EndsWith("wrong\n… and 30 more problems"));
  }
}

TEST(Node, SetReplacesOrAppendsAndTurnsNothingIntoAMap) {
  Node node;
  node.set("a", Node::scalar("1"));
  node.set("b", Node::scalar("2"));
  node.set("a", Node::scalar("3"));
  ASSERT_EQ(node.entries.size(), 2u);
  EXPECT_EQ(node.find("a")->text, "3");
  EXPECT_EQ(node.find("c"), nullptr);
  EXPECT_EQ(Node::scalar("x").find("x"), nullptr);
  Node scalar = Node::scalar("x");
  EXPECT_THROW(scalar.set("a", Node{}), ContractError);
}

TEST(DidYouMean, FindsWhatIsNear) {
  const std::vector<std::string> known{"width", "depth", "activation", "optimal_transport"};
  EXPECT_EQ(did_you_mean("widht", known), "width");
  EXPECT_EQ(did_you_mean("Width", known), "width");
  EXPECT_EQ(did_you_mean("detph", known), "depth");
  EXPECT_EQ(did_you_mean("actvation", known), "activation");
  EXPECT_EQ(did_you_mean("optimal-transport", known), "optimal_transport");
  EXPECT_EQ(did_you_mean("colour", known), "");
  EXPECT_EQ(did_you_mean("x", known), "");
  EXPECT_EQ(did_you_mean("", known), "");
  EXPECT_EQ(did_you_mean("a", {"b", "c"}), "") << "one letter replaced by another has nothing in common";
  EXPECT_EQ(did_you_mean(std::string(100000, 'w'), known), "");
}

}  // namespace
}  // namespace genmatch
