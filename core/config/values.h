#pragma once
// Single values and lists of them, between YAML and C++; shared by the visitors.
#include <string>

#include "core/config/fields.h"

namespace genmatch {

/// Reads `node` into `value` if its type and range are right, else adds one problem that begins with `path`.
void read_value(const Node& node, const Fields::Value& value, const Constraint& constraint, const std::string& path,
                Problems& problems);

/// Whether a list or map of `size` entries has as many as it must; adds a problem if not.
bool check_size(const Node& node, std::size_t size, const Constraint& constraint, const std::string& path,
                Problems& problems);

/// The value as it would be written: numbers in the fewest digits that read back as the same double, text in quotes
/// where it could be taken for something else; an empty optional is a null node.
Node write_value(const Fields::Value& value);

/// "number", "integer", "text", "true/false", "list of numbers", …
std::string type_name(const Fields::Value& value);

/// What stands in `node`, for a message: `"abc"`, `a list`, `a map`, `nothing`.
std::string shown(const Node& node);

/// "a.b", or "b" if `path` is empty.
std::string join_path(const std::string& path, const std::string& key);

}  // namespace genmatch
