#include "core/numerics/memory.h"

#include <malloc.h>

namespace genmatch {

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2000 << 20);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace genmatch
