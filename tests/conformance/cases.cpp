#include "tests/conformance/cases.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

namespace genmatch {
namespace {

namespace fs = std::filesystem;

fs::path folder(const std::string& kind) { return fs::path(GENMATCH_SOURCE_DIR) / "tests" / "cases" / kind; }

/// `{type: sphere, dim: 2}` -> "sphere_dim_2"
std::string words(const Node& node) {
  std::string text = node.text;
  for (const Node& item : node.items) text += "_" + words(item);
  for (const Node::Entry& e : node.entries) text += (e.key == "type" ? "_" : "_" + e.key + "_") + words(e.value);
  std::string label;
  for (const char ch : text) {
    const char c = std::isalnum(static_cast<unsigned char>(ch)) ? ch : '_';
    if (c != '_' || (!label.empty() && label.back() != '_')) label += c;
  }
  return label;
}

std::vector<Case> read_file(const std::string& kind, const std::string& name, Problems& problems) {
  Problems found;
  std::ifstream in(folder(kind) / (name + ".yaml"));
  std::stringstream text;
  text << in.rdbuf();
  const Node root = parse_yaml(text.str(), "tests/cases/" + kind + "/" + name + ".yaml", found);
  if (found.empty() && (root.kind != Node::Kind::list || root.items.empty()))
    found.add(root.mark, "a list with at least one case expected");
  for (const std::string& line : found.lines()) problems.add({}, line);
  if (!found.empty()) return {};
  std::vector<Case> result;
  for (const Node& item : root.items)
    result.push_back({kind, name, name + "_" + std::to_string(result.size()) + "_" + words(item), item});
  return result;
}

std::vector<std::string> names(const std::string& kind) {
  std::vector<std::string> result;
  if (fs::exists(folder(kind)))
    for (const auto& entry : fs::directory_iterator(folder(kind)))
      if (entry.path().extension() == ".yaml") result.push_back(entry.path().stem().string());
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

CaseFiles case_files(const std::string& kind) {
  CaseFiles files;
  files.names = names(kind);
  for (const std::string& name : files.names) read_file(kind, name, files.problems);
  return files;
}

std::vector<Case> cases(const std::string& kind) {
  std::vector<Case> all;
  Problems ignored;
  for (const std::string& name : names(kind))
    for (Case& c : read_file(kind, name, ignored)) all.push_back(std::move(c));
  return all;
}

const Catalog& test_catalog() {
  static const Catalog catalog = full_catalog();
  return catalog;
}

void read_case(const Case& c, const std::function<void(Fields&)>& fields) {
  Problems problems;
  read_fields(c.node, fields, test_catalog(), problems);
  problems.throw_if_any();
}

std::vector<TypedCase> typed_cases(const std::string& kind) {
  std::vector<TypedCase> all;
  for (const Case& c : cases(kind))
    for (const auto dtype : {at::kDouble, at::kFloat}) all.push_back({c, dtype});
  return all;
}

std::string label(const testing::TestParamInfo<TypedCase>& info) {
  return info.param.c.label + (info.param.dtype == at::kDouble ? "_float64" : "_float32");
}

void PrintTo(const TypedCase& c, std::ostream* out) {
  *out << c.c.label << " in " << c10::toString(c.dtype) << "\n" << to_yaml(c.c.node);
}

}  // namespace genmatch
