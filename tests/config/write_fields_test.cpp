#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

#include "tests/config/fake_catalog.h"

namespace genmatch {
namespace {

using fake::Options;
using testing::ElementsAre;
using testing::IsEmpty;

Node written(Options& options) {
  return write_fields([&](Fields& f) { options.fields(f); }, fake::catalog());
}

// Bits, so that -0 and 0 differ.
void expect_same(const Node& a, const Node& b) { EXPECT_EQ(to_yaml(a), to_yaml(b)); }

TEST(WriteFields, WritesEveryOptionWithItsValue) {
  Options o;
  ASSERT_THAT(fake::read("{name: x, schedule: {type: power, width: 8}, columns: [a, \"7\"], note: \"true\"}", o),
              IsEmpty());
  EXPECT_EQ(to_yaml(written(o)),
            "name: x\n"
            "dtype: float32\n"
            "seed: 0\n"
            "fraction: 0.5\n"
            "limit: null\n"
            "note: \"true\"\n"
            "shape: [2, 3]\n"
            "grid: [0, 0.1]\n"
            "columns: [a, \"7\"]\n"
            "schedule: {type: power, power: 2, width: 8}\n"
            "other: null\n"
            "schedules: [{type: power, power: 2, width: 3}]\n"
            "weighted: [{type: linear, weight: 1}]\n"
            "rows: []\n"
            "named: {}\n"
            "training:\n"
            "  steps: 100\n"
            "  rate: 0.001\n"
            "  clip: 1.5\n"
            "  shuffle: true\n"
            "  warmup: {type: power, power: 2, width: 3}\n");
}

TEST(WriteFields, AnEmptyOptionalStaysEmptyThoughItsDefaultIsNot) {
  Options o, back;
  ASSERT_THAT(fake::read("{name: x, training: {clip: ~}}", o), IsEmpty());
  ASSERT_THAT(fake::read(to_yaml(written(o)), back), IsEmpty());
  EXPECT_FALSE(back.training.clip.has_value());
}

// Random options, among them numbers of all magnitudes and text that looks like something else.
class RandomOptions {
 public:
  explicit RandomOptions(unsigned seed) : random_(seed) {}

  Options make() {
    Options o;
    o.name = text();
    o.seed = std::uniform_int_distribution<int64_t>(0, std::numeric_limits<int64_t>::max())(random_);
    o.fraction = std::uniform_real_distribution<double>(0, 1)(random_);
    if (coin()) o.limit = 1 + below(1000);
    if (coin()) o.note = text();
    o.shape.assign(static_cast<std::size_t>(below(5)), 1 + below(9));
    o.grid.clear();
    for (int i = 0; i < 4; ++i) o.grid.push_back(number());
    o.columns = {text(), text(), text()};
    if (coin()) o.other = ScheduleChoice("power");
    o.schedules = ListOfChoices<ScheduleChoice>({"linear", "chained"});
    for (int64_t i = below(4); i > 0; --i) {
      o.weighted.append("", {});
      o.weighted.items.back().value.weight = std::abs(number());
    }
    for (int64_t i = below(3); i > 0; --i) {
      o.named.append(text() + std::to_string(i), {});
      o.named.items.back().value.method = text();
    }
    o.training.clip.reset();
    o.training.shuffle = coin();
    return o;
  }
  std::string text() {
    static const std::vector<std::string> hard{
        "",      "~",    "null", "true", "No",     "1e3",    "-5",     ".5",    ".inf",  "0x1F", "a: b",
        "- a",   "#c",   "a #c", " a",   "a ",     "'",      "\"",     "a\nb",  "\n",    "\t",   "[x]",
        "{x}",   "&a",   "*a",   "!t",   "|",      ">",      "%d",     "@x",    "`",     "?",    "? a",
        ":",     "a:",   ",",    "---",  "...",    "--- a",  "-",      "<<",    "größe", "日本", "a\\b",
        "C:\\x", "\x01", "\x7f", "=",    "a, b",   "x y",    "1_000",  "+1",    "1:30",  "2e-",  "nan",
        "inf",   "Null", "\r\n", "a\r",  "\u0085", "\u2028", "\ufeff", "12abc", "---x"};
    return hard[static_cast<std::size_t>(below(static_cast<int64_t>(hard.size())))];
  }

 private:
  bool coin() { return below(2) == 1; }
  int64_t below(int64_t n) { return std::uniform_int_distribution<int64_t>(0, n - 1)(random_); }
  double number() {
    static const std::vector<double> hard{0.1, 1.0 / 3, 1e300, 5e-324, -0.0, 123456789.0, 1e22, 2e-4};
    if (coin()) return hard[static_cast<std::size_t>(below(8))];
    return std::ldexp(std::uniform_real_distribution<double>(-1, 1)(random_), static_cast<int>(below(600)) - 300);
  }
  std::mt19937 random_;
};

TEST(WriteFields, WhatIsWrittenReadsBackBitForBit) {
  RandomOptions random(1);
  for (int i = 0; i < 500; ++i) {
    Options o = random.make();
    const Node first = written(o);
    Options back;
    ASSERT_THAT(fake::read(to_yaml(first), back), IsEmpty()) << to_yaml(first);
    expect_same(first, written(back));
    EXPECT_EQ(back.name, o.name);
    EXPECT_EQ(back.note, o.note);
    EXPECT_EQ(back.seed, o.seed);
    EXPECT_EQ(back.columns, o.columns);
    ASSERT_EQ(back.grid.size(), o.grid.size());
    for (std::size_t j = 0; j < o.grid.size(); ++j) {
      EXPECT_EQ(back.grid[j], o.grid[j]);
      EXPECT_EQ(std::signbit(back.grid[j]), std::signbit(o.grid[j]));
    }
  }
}

// Equal in everything but the marks. Where quotes are added, text stays text.
void expect_equal(const Node& a, const Node& b) {
  ASSERT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.text, b.text);
  EXPECT_TRUE(b.quoted || !a.quoted) << a.text;
  ASSERT_EQ(a.items.size(), b.items.size());
  for (std::size_t i = 0; i < a.items.size(); ++i) expect_equal(a.items[i], b.items[i]);
  ASSERT_EQ(a.entries.size(), b.entries.size());
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    EXPECT_EQ(a.entries[i].key, b.entries[i].key);
    expect_equal(a.entries[i].value, b.entries[i].value);
  }
}

Node random_tree(RandomOptions& text, std::mt19937& random, int depth) {
  const auto below = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  Node node;
  const int kind = depth == 0 ? below(3) : below(8);
  if (kind == 0) return node;
  if (kind <= 2) return Node::scalar(text.text(), {}, below(2) == 1);
  node.kind = kind <= 4 ? Node::Kind::list : Node::Kind::map;
  for (int i = below(6); i > 0; --i) {
    Node child = random_tree(text, random, depth - 1);
    if (node.kind == Node::Kind::list) {
      node.items.push_back(std::move(child));
    } else {
      std::string key = text.text();
      if (key == "<<") key = "merge";
      node.set(key, std::move(child));
    }
  }
  return node;
}

TEST(ToYaml, AnyTreeReadsBackTheSame) {
  RandomOptions text(2);
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    const Node tree = random_tree(text, random, 5);
    const std::string yaml = to_yaml(tree);
    Problems problems;
    const Node back = parse_yaml(yaml, "", problems);
    ASSERT_THAT(problems.lines(), IsEmpty()) << yaml;
    expect_equal(tree, back);
    ASSERT_FALSE(testing::Test::HasFailure()) << yaml;
  }
}

TEST(ToYaml, IsReadable) {
  Problems problems;
  const std::string yaml =
      "name: earthquake\n"
      "about: \"Riemannian flow matching on the sphere (Chen & Lipman 2024)\"\n"
      "space: {type: sphere, dim: 2}\n"
      "path: {type: geodesic, schedule: {type: linear}}\n"
      "generators: [{type: flow, weight: 1}]\n"
      "model:\n"
      "  type: mlp\n"
      "  activation: silu\n"
      "  features: {type: fourier, frequencies: 16, lowest: 0.5, highest: 512}\n"
      "  output: {type: linear, initial: zero}\n"
      "published:\n"
      "  - method: RFM\n"
      "    metric: nll\n"
      "    mean: -0.28\n"
      "    spread: 0.08\n"
      "    cite: \"Chen & Lipman 2024, Flow Matching on General Geometries\"\n"
      "    verified: quoted\n"
      "  - {method: uniform, metric: nll, mean: 2.53}\n";
  EXPECT_EQ(to_yaml(parse_yaml(yaml, "", problems)), yaml);
}

TEST(DescribeFields, OneLinePerOption) {
  Options o;
  const auto docs = describe_fields([&](Fields& f) { o.fields(f); }, fake::catalog());
  std::vector<std::string> lines;
  for (const FieldDoc& d : docs)
    lines.push_back(d.key + " | " + d.type + " | " + d.default_value + " | " + d.range + " | " + d.doc);
  EXPECT_THAT(
      lines,
      ElementsAre(
          "name | text | required |  | what it is called",
          "dtype | text | float32 | one of: float32, float64 | precision", "seed | integer | 0 | >= 0 | of everything",
          "fraction | number | 0.5 | in [0, 1) | a share", "limit | integer | null | >= 1 | at most so many",
          "note | text | null |  | for people", "shape | list of integers | [2, 3] | >= 1 | a shape",
          "grid | list of numbers | [0, 0.1] | not empty | points",
          "columns | list of texts | [lat, lon] | not empty | names of columns",
          "schedule | schedule | linear |  | how time runs", "other | schedule | null |  | another one, or none",
          "schedules | list of schedules | [power] | not empty | several of them",
          "weighted | list of schedules | [{type: linear, weight: 1}] | not empty | several with "
          "their weights",
          "weighted[].type | schedule | linear |  | the schedule", "weighted[].weight | number | 1 | >= 0 | its share",
          "rows | list of maps | [] |  | published rows", "rows[].method | text | required |  | its name",
          "rows[].spread | number | null | >= 0 | its spread", "named | map of maps | {} |  | rows with names",
          "named.<name>.method | text | required |  | its name",
          "named.<name>.spread | number | null | >= 0 | its spread", "training.steps | integer | 100 | >= 1 | how many",
          "training.rate | number | 0.001 | in (0, 1) | learning rate",
          "training.clip | number | 1.5 | > 0 | bound of the gradient",
          "training.shuffle | true/false | true |  | in what order",
          "training.warmup | schedule | power |  | of the rate"));
  EXPECT_EQ(o.rows.size(), 0u) << "describing changes nothing";
  EXPECT_EQ(o.named.size(), 0u);
}

TEST(DescribeFields, OfAComponent) {
  ScheduleChoice power{"power"};
  const auto docs = describe_fields([&](Fields& f) { power.fields(f); }, fake::catalog());
  ASSERT_EQ(docs.size(), 2u);
  EXPECT_EQ(docs[1].key, "width");
  EXPECT_EQ(docs[1].default_value, "3");
}

}  // namespace
}  // namespace genmatch
