#include <yaml-cpp/emitter.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <string_view>

#include "core/config/node.h"

namespace genmatch {

namespace {

constexpr std::size_t max_flow_width = 90;
constexpr std::size_t max_flow_height = 3;  // `generators: [{type: flow, weight: 1}]`

std::size_t height(const Node& node) {
  std::size_t highest = 0;
  for (const Node& n : node.items) highest = std::max(highest, height(n));
  for (const Node::Entry& e : node.entries) highest = std::max(highest, height(e.value));
  return highest + 1;
}

// About how many characters the node takes in one line.
std::size_t width(const Node& node) {
  std::size_t total = node.text.size() + 2;
  for (const Node& n : node.items) total += width(n) + 2;
  for (const Node::Entry& e : node.entries) total += e.key.size() + width(e.value) + 4;
  return total;
}

bool in_flow(const Node& node) { return height(node) <= max_flow_height && width(node) <= max_flow_width; }

// Whether plain text needs no quotes in any context; yaml-cpp's own test lets some through that do not read back.
bool is_plain(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return false;
  const auto harmless = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_./+-").find(c) != std::string_view::npos;
  };
  if (text == "-" || text == "---" || text == "...") return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  return std::all_of(text.begin(), text.end(), [&](char c) { return c == ' ' || harmless(c); }) &&
         !(text.rfind("- ", 0) == 0 || text.rfind("--- ", 0) == 0 || text.rfind("... ", 0) == 0);
}

void write_scalar(YAML::Emitter& out, const std::string& text, bool quoted) {
  if (quoted || !is_plain(text)) out << YAML::DoubleQuoted;
  out << text;
}

void write(YAML::Emitter& out, const Node& node, bool flow);

void write_items(YAML::Emitter& out, const Node& node, bool flow) {
  out << (flow ? YAML::Flow : YAML::Block) << YAML::BeginSeq;
  for (const Node& item : node.items) write(out, item, flow || in_flow(item));
  out << YAML::EndSeq;
}

void write_entries(YAML::Emitter& out, const Node& node, bool flow) {
  out << (flow ? YAML::Flow : YAML::Block) << YAML::BeginMap;
  for (const Node::Entry& e : node.entries) {
    out << YAML::Key;
    write_scalar(out, e.key, false);
    out << YAML::Value;
    write(out, e.value, flow || in_flow(e.value));
  }
  out << YAML::EndMap;
}

void write(YAML::Emitter& out, const Node& node, bool flow) {
  switch (node.kind) {
    case Node::Kind::null:
      out << YAML::Null;
      break;
    case Node::Kind::scalar:
      write_scalar(out, node.text, node.quoted);
      break;
    case Node::Kind::list:
      write_items(out, node, flow || node.items.empty());
      break;
    case Node::Kind::map:
      write_entries(out, node, flow || node.entries.empty());
      break;
  }
}

std::string written(const Node& node, bool flow) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  write(out, node, flow);
  if (!out.good()) throw std::logic_error("to_yaml: " + out.GetLastError());
  return out.c_str();
}

}  // namespace

std::string to_yaml(const Node& node) { return written(node, node.kind != Node::Kind::map && in_flow(node)) + "\n"; }

std::string to_flow_yaml(const Node& node) { return written(node, true); }

}  // namespace genmatch
