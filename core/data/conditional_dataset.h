#pragma once
#include <memory>

#include "core/data/dataset.h"
#include "core/process/condition.h"

namespace genmatch {

/// Data whose last columns are what the process is given: they become one factor, a point of a Condition.
class ConditionalDataset final : public Dataset {
 public:
  /// `data` has a tensor for each of the `moving` factors and then one for each part of the condition.
  ConditionalDataset(std::shared_ptr<const Dataset> data, std::shared_ptr<const Condition> condition,
                     std::size_t moving);
  Splits load(uint64_t seed) const override;
  Table read(const std::string& file) const override;
  std::string hash() const override { return data_->hash(); }
  /// ln p(x | c).
  Tensor log_density(const State& x) const override;

 private:
  Table joined(Table table) const;
  std::shared_ptr<const Dataset> data_;
  std::shared_ptr<const Condition> condition_;
  std::size_t moving_;
};

}  // namespace genmatch
