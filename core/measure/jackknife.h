#pragma once
#include "core/tensor.h"

namespace genmatch {

/// The standard error of a number of which `without` [G] are the values when one group of G equal ones is left out.
double jackknife_error(const Tensor& without);

}  // namespace genmatch
