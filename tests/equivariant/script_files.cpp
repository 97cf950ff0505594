#include "tests/equivariant/script_files.h"

#include <torch/script.h>

namespace genmatch {

void write_script(const std::string& path, const std::string& body) {
  torch::jit::Module module("Energy");
  module.define("def forward(self, x):\n" + body);
  module.save(path);
}

}  // namespace genmatch
