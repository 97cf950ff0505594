#include "tests/learn/fixture.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/config/node.h"
#include "core/learn/learned_generator.h"
#include "core/ops.h"

namespace genmatch::learn_test {

const Catalog& catalog() {
  static const Catalog all = [] {
    Catalog c;
    add_gaussian(c);
    add_process(c);
    add_data(c);
    add_learn(c);
    add_manifolds(c);
    return c;
  }();
  return all;
}

void read(const std::string& yaml, const std::function<void(Fields&)>& fields) {
  Problems problems;
  const Node node = parse_yaml(yaml, "test", problems);
  read_fields(node, fields, catalog(), problems);
  problems.throw_if_any();
}

Factor factor(const std::string& space, const std::string& source, const std::string& path) {
  Factor f;
  f.name = "x";
  f.space = choose<SpaceChoice>(space).make();
  f.source = choose<SourceChoice>(source).make(f.space);
  f.path = choose<PathChoice>(path).make(f.space, f.source);
  f.generators.push_back({choose<GeneratorChoice>("flow").make(f.space, f.path), 1});
  return f;
}

std::shared_ptr<Model> mlp(const Factors& factors, const std::string& options, const at::TensorOptions& like,
                           uint64_t seed) {
  return choose<ModelChoice>("{type: mlp, " + options + "}")
      .make(ModelContext{spaces(factors), head_sizes(factors), like, seed});
}

std::shared_ptr<Coupling> independent(const Factors& factors) {
  return choose<CouplingChoice>("independent").make(spaces(factors));
}

double difference(const Tensor& a, const Tensor& b) {
  if (a.sizes() != b.sizes()) {
    ADD_FAILURE() << "shapes " << a.sizes() << " and " << b.sizes();
    return std::numeric_limits<double>::infinity();
  }
  return a.numel() == 0 ? 0 : (a - b).abs().max().item<double>();
}

}  // namespace genmatch::learn_test
