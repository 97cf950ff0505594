#pragma once
// What the processor that runs this can do beyond what everything is compiled for; false elsewhere than on x86.
#include <array>
#include <cstddef>

namespace genmatch {

#if defined(__x86_64__) || defined(__i386__)
inline bool has_avx2() { return __builtin_cpu_supports("avx2"); }
inline bool has_fma() { return __builtin_cpu_supports("fma"); }
inline bool has_avx512() { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"); }
#else
inline bool has_avx2() { return false; }
inline bool has_fma() { return false; }
inline bool has_avx512() { return false; }
#endif

/// Kernels compiled for several instruction sets: those that this processor can run, from the narrowest on, then nulls.
template <class Kernels>
class PresentKernels {
 public:
  /// Null for wider ones that the compiler did not know.
  PresentKernels(const Kernels* plain, bool can_avx2, const Kernels* avx2, const Kernels* avx512) : all_{plain} {
    add(can_avx2, avx2);
    add(has_avx512(), avx512);
  }
  const Kernels* operator[](int index) const { return all_[static_cast<std::size_t>(index)]; }
  const Kernels& best() const { return *all_[count_ - 1]; }

 private:
  void add(bool there, const Kernels* kernels) {
    if (there && kernels != nullptr) all_[count_++] = kernels;
  }
  std::array<const Kernels*, 4> all_;
  std::size_t count_ = 1;
};

}  // namespace genmatch
