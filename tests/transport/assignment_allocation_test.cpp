// A solver asks for memory once. Counted by replacing the allocation functions, which sanitizers need for themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "core/ops.h"
#include "core/transport/assignment_solver.h"
#include "tests/transport/assignment_cases.h"

namespace {
thread_local int64_t allocations = 0;
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace genmatch {
namespace {

TEST(Assignment, AllocatesOnceForASize) {
  AssignmentSolver solver;
  for (const Shape& shape : {Shape{200, 200}, Shape{120, 200}, Shape{200, 120}}) {
    bool first = true;
    for (const AssignmentCase& c : assignment_cases()) {
      SCOPED_TRACE(c.name);
      const Tensor cost = c.cost(200, 1).slice(0, 0, shape[0]).slice(1, 0, shape[1]).contiguous();
      const int64_t before = allocations;
      solver.solve(cost.data_ptr<double>(), shape[0], shape[1]);
      const int64_t made = allocations - before;
      EXPECT_EQ(first || made == 0, true) << made;
      first = false;
    }
  }
}

}  // namespace
}  // namespace genmatch
#endif
