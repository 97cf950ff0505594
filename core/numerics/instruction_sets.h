#pragma once
// What the processor that runs this can do beyond what everything is compiled for; false elsewhere than on x86.

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

}  // namespace genmatch
