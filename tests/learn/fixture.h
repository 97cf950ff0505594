#pragma once
// Components for the tests of learning, chosen by name as in an experiment file.
#include <memory>
#include <string>
#include <vector>

#include "core/config/choice.h"
#include "core/data/coupling.h"
#include "core/data/dataset.h"
#include "core/learn/model.h"
#include "core/learn/train.h"
#include "core/process/factor.h"
#include "tests/temporary_folder.h"

namespace genmatch::learn_test {

/// The components of core/process, core/data, core/learn and manifolds/.
const Catalog& catalog();

/// What `fields` reads from YAML text; fails the test on any problem.
void read(const std::string& yaml, const std::function<void(Fields&)>& fields);

/// E.g. choose<ModelChoice>("{type: mlp, width: 8}").
template <class ChoiceType>
ChoiceType choose(const std::string& yaml) {
  ChoiceType choice;
  read("it: " + yaml, [&](Fields& f) { f("it", choice, "the component"); });
  return choice;
}

/// A factor with one flow, e.g. factor("sphere", "uniform", "geodesic").
Factor factor(const std::string& space, const std::string& source, const std::string& path);

std::shared_ptr<Model> mlp(const Factors& factors, const std::string& options, const at::TensorOptions& like,
                           uint64_t seed = 0);

std::shared_ptr<Coupling> independent(const Factors& factors);

/// max |a - b|, 0 for tensors without elements; the shapes must agree.
double difference(const Tensor& a, const Tensor& b);

}  // namespace genmatch::learn_test
