#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "core/config/values.h"

namespace genmatch {

namespace {

// Text that a reader, ours or another, could take for a number, a boolean or nothing.
bool looks_like_something_else(const std::string& text) {
  static const std::vector<std::string> words{"",    "~", "null", "true", "false", "yes",   "no",   "on",
                                              "off", "y", "n",    ".inf", ".nan",  "+.inf", "-.inf"};
  std::string lower = text;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::find(words.begin(), words.end(), lower) != words.end()) return true;
  const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
  double number = 0;
  return std::from_chars(begin, text.data() + text.size(), number).ptr == text.data() + text.size();
}

Node scalar(bool v) { return Node::scalar(v ? "true" : "false"); }
Node scalar(int64_t v) { return Node::scalar(std::to_string(v)); }
Node scalar(double v) { return Node::scalar(fmt::format("{}", v)); }
Node scalar(const std::string& v) { return Node::scalar(v, {}, looks_like_something_else(v)); }

struct ValueWriter {
  template <class T>
  Node operator()(const T* v) const {
    return scalar(*v);
  }
  Node operator()(const Node* v) const { return *v; }
  template <class T>
  Node operator()(const std::optional<T>* v) const {
    return v->has_value() ? scalar(**v) : Node{};
  }
  template <class T>
  Node operator()(const std::vector<T>* v) const {
    Node list;
    list.kind = Node::Kind::list;
    for (const T& item : *v) list.items.push_back(scalar(item));
    return list;
  }
};

struct Namer {
  std::string operator()(const bool*) const { return "true/false"; }
  std::string operator()(const int64_t*) const { return "integer"; }
  std::string operator()(const double*) const { return "number"; }
  std::string operator()(const std::string*) const { return "text"; }
  std::string operator()(const Node*) const { return "YAML"; }
  std::string operator()(const std::vector<std::string>*) const { return "list of texts"; }
  template <class T>
  std::string operator()(const std::optional<T>*) const {
    return (*this)(static_cast<const T*>(nullptr));
  }
  template <class T>
  std::string operator()(const std::vector<T>*) const {
    return "list of " + (*this)(static_cast<const T*>(nullptr)) + "s";
  }
};

}  // namespace

Node write_value(const Fields::Value& value) { return std::visit(ValueWriter{}, value); }

std::string type_name(const Fields::Value& value) { return std::visit(Namer{}, value); }

}  // namespace genmatch
