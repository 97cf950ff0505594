#pragma once

namespace genmatch {

/// For programs, to be called first: memory that is freed stays with the process instead of going back to the kernel
/// each time. Tensors come and go by the megabyte; sampling becomes up to 1.7 times faster.
void keep_freed_memory();

}  // namespace genmatch
