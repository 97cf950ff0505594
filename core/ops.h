#pragma once
// Every tensor operator. For .cpp files only: it is precompiled, so it costs them nothing, but it would make
// each header that includes it cost its users five seconds.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/tensor.h"
