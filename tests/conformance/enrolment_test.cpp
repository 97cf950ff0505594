// Whatever is registered is tested: each name has its cases, and each file of cases its name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/conformance/cases.h"

namespace genmatch {
namespace {

TEST(Enrolment, EveryRegisteredNameHasCasesAndNoOthersDo) {
  Catalog::for_each(test_catalog(), [](const std::string& kind, const auto& registry) {
    std::vector<std::string> registered;
    for (const auto& entry : registry.entries()) registered.push_back(entry.name);
    std::sort(registered.begin(), registered.end());
    const CaseFiles files = case_files(kind);
    EXPECT_THAT(files.names, testing::ElementsAreArray(registered)) << "tests/cases/" << kind << "/<name>.yaml";
    EXPECT_THAT(files.problems.lines(), testing::IsEmpty());
  });
}

TEST(Enrolment, EveryComponentIsDocumented) {
  Catalog::for_each(test_catalog(), [](const std::string& kind, const auto& registry) {
    for (const auto& entry : registry.entries()) {
      EXPECT_THAT(entry.about.text, testing::Not(testing::IsEmpty())) << kind << " " << entry.name;
      const auto maker = entry.maker();
      for (const FieldDoc& doc : describe_fields([&](Fields& f) { maker->fields(f); }, test_catalog()))
        EXPECT_THAT(doc.doc, testing::Not(testing::IsEmpty())) << kind << " " << entry.name << " " << doc.key;
    }
  });
}

}  // namespace
}  // namespace genmatch
