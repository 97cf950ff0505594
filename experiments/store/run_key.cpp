#include "experiments/store/run_key.h"

#include <algorithm>

#include "core/data/file.h"

namespace genmatch {

namespace {

Node without(Node resolved, const std::vector<std::string>& keys) {
  const auto dropped = [&](const Node::Entry& e) { return std::find(keys.begin(), keys.end(), e.key) != keys.end(); };
  resolved.entries.erase(std::remove_if(resolved.entries.begin(), resolved.entries.end(), dropped),
                         resolved.entries.end());
  return resolved;
}

Node run_part(const Node& resolved) {
  return without(resolved, {"name", "about", "published", "variants", "grid", "seeds"});
}

Node rows_part(const Node& resolved) {
  return without(run_part(resolved), {"metrics", "baselines", "figures", "sampling", "model", "coupling"});
}

Node training_part(const Node& resolved) {
  const Node* training = resolved.find("training");
  const Node* select = training == nullptr ? nullptr : training->find("select");
  Node part = without(run_part(resolved), {"metrics", "baselines", "figures", "sampling"});
  const Node* sampling = resolved.find("sampling");
  if (sampling == nullptr || select == nullptr || select->text != "nll") return part;
  Node likelihood = Node::map();  // by which the weights are selected
  for (const char* key : {"likelihood", "likelihood_stepper", "divergence", "batch"})
    if (const Node* option = sampling->find(key)) likelihood.set(key, *option);
  part.set("sampling", likelihood);
  return part;
}

void add_differences(const Node& a, const Node& b, const std::string& path, std::vector<std::string>& found) {
  if (a.kind != Node::Kind::map || b.kind != Node::Kind::map) {
    if (to_flow_yaml(a) != to_flow_yaml(b)) found.push_back(path);
    return;
  }
  std::vector<std::string> keys;
  for (const Node* node : {&a, &b})
    for (const Node::Entry& e : node->entries)
      if (std::find(keys.begin(), keys.end(), e.key) == keys.end()) keys.push_back(e.key);
  for (const std::string& key : keys) {
    const Node none;
    const Node* in_a = a.find(key);
    const Node* in_b = b.find(key);
    add_differences(in_a == nullptr ? none : *in_a, in_b == nullptr ? none : *in_b,
                    path.empty() ? key : path + "." + key, found);
  }
}

}  // namespace

RunKeys run_keys(const Node& resolved, const std::string& data, const std::string& version) {
  const auto key = [&](const Node& part) { return hash_hex(to_yaml(part) + data + "\n" + version); };
  return {key(rows_part(resolved)), key(training_part(resolved)), key(run_part(resolved))};
}

RunKeys run_keys(ExperimentOptions options, const Catalog& catalog, const std::string& data,
                 const std::string& version) {
  Problems none;
  return run_keys(parse_yaml(resolved_yaml(options, catalog), "", none), data, version);
}

std::vector<std::string> training_differences(const Node& resolved, const Node& other) {
  std::vector<std::string> found;
  add_differences(training_part(resolved), training_part(other), "", found);
  return found;
}

}  // namespace genmatch
