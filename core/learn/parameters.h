#pragma once
#include <string>
#include <vector>

#include "core/tensor.h"

namespace genmatch {

/// A model's parameters: named leaf tensors that share one flat buffer, as do their gradients, so that an
/// optimiser, an average or a checkpoint handles one vector of numbers.
class Parameters {
 public:
  struct Entry {
    std::string name;
    Tensor value;  ///< a leaf that requires grad; a view into values()
  };

  /// Takes ownership of initial values, in the order given. All of one dtype and device.
  Parameters() = default;
  explicit Parameters(const std::vector<std::pair<std::string, Tensor>>& initial);

  const std::vector<Entry>& entries() const { return entries_; }
  const Tensor& operator[](const std::string& name) const;  ///< ContractError if there is none
  int64_t size() const { return values_.defined() ? values_.numel() : 0; }

  const Tensor& values() const { return values_; }        ///< flat [P]
  const Tensor& gradients() const { return gradients_; }  ///< flat [P]; backward() adds to it
  void zero_gradients();
  /// Copies flat values in.
  void assign(const Tensor& values);

 private:
  Tensor values_, gradients_;
  std::vector<Entry> entries_;
};

}  // namespace genmatch
