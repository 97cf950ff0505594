#include <gmock/gmock.h>

#include <random>

#include "tests/config/fake_catalog.h"

namespace genmatch {
namespace {

const char* const valid = R"(# one of everything
name: "a name"
dtype: float64
seed: 1e3
fraction: .25
shape: [4, 5, 6]
grid: &grid [-1, 2.5e-3, 0]
columns: [a, 'it''s']
schedule: {type: power, power: 3}
other: &other
  type: chained
  inner: {type: power, width: 4}
schedules: [linear, *other]
weighted: [power, {type: power, power: 5, weight: 0.5}]
rows:
  - {method: RFM, spread: 0.1}
  - method: |
      two
      lines
named: {left: {method: L}, right: {method: R}}
training:
  steps: 5
  clip: ~
  warmup: {type: chained, inner: {power: 4}}
)";

// Either problems are reported, each with a place, or what was read can be written and read again.
void survives(const std::string& text) {
  fake::Options options;
  const auto problems = fake::read(text, options);
  for (const std::string& p : problems) ASSERT_THAT(p, testing::StartsWith("f.yaml")) << text;
  const std::string again = to_yaml(write_fields([&](Fields& f) { options.fields(f); }, fake::catalog()));
  if (!problems.empty()) return;
  fake::Options back;
  ASSERT_THAT(fake::read(again, back), testing::IsEmpty()) << text << "\nbecame\n" << again;
  ASSERT_EQ(to_yaml(write_fields([&](Fields& f) { back.fields(f); }, fake::catalog())), again);
}

TEST(Fuzz, TheTextItselfIsValid) {
  fake::Options options;
  EXPECT_THAT(fake::read(valid, options), testing::IsEmpty());
}

TEST(Fuzz, EveryTruncation) {
  const std::string text = valid;
  for (std::size_t n = 0; n <= text.size(); ++n) survives(text.substr(0, n));
}

TEST(Fuzz, FlippedBytes) {
  std::mt19937 random(4);
  for (int i = 0; i < 3000; ++i) {
    std::string text = valid;
    for (int flips = 1 + i % 3; flips > 0; --flips)
      text[random() % text.size()] ^= static_cast<char>(1u << (random() % 8));
    survives(text);
  }
}

TEST(Fuzz, StrangeCharactersPutIn) {
  const std::string strange = "{}[],:-?&*!|>'\"%@`#~ \n\t<=";
  std::mt19937 random(5);
  for (int i = 0; i < 3000; ++i) {
    std::string text = valid;
    for (int times = 1 + i % 4; times > 0; --times)
      text.insert(random() % text.size(), 1, strange[random() % strange.size()]);
    survives(text);
  }
}

TEST(Fuzz, LinesShuffled) {
  std::vector<std::string> lines(1);
  for (const char* p = valid; *p != '\0'; ++p) {
    lines.back() += *p;
    if (*p == '\n') lines.emplace_back();
  }
  std::mt19937 random(6);
  for (int i = 0; i < 500; ++i) {
    std::shuffle(lines.begin(), lines.end(), random);
    std::string text;
    for (const std::string& line : lines) text += line;
    survives(text);
  }
}

TEST(Fuzz, OverridesOfAnyKind) {
  const std::string characters = "abname.0123=[]{}:,-\"' *&!";
  std::mt19937 random(7);
  Problems none;
  const Node root = parse_yaml(valid, "f.yaml", none);
  for (int i = 0; i < 3000; ++i) {
    std::string assignment = i % 2 == 0 ? "" : "weighted.1.weight=";
    for (unsigned n = random() % 12; n > 0; --n) assignment += characters[random() % characters.size()];
    Node changed = root;
    Problems problems;
    apply_override(changed, assignment, problems);
    if (!problems.empty()) continue;
    const std::string yaml = to_yaml(changed);
    parse_yaml(yaml, "f.yaml", problems);
    ASSERT_TRUE(problems.empty()) << assignment << "\n" << yaml;
  }
}

}  // namespace
}  // namespace genmatch
