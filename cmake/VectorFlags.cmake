# Those files alone that hold loops for wider vectors, which the program chooses when it runs. Without the flags they
# compile to nothing.
include(CheckCXXCompilerFlag)
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
  return()
endif()

function(genmatch_vector_flags file)
  string(MAKE_C_IDENTIFIER "GENMATCH_HAS${ARGN}" known)
  string(JOIN " " flags ${ARGN})
  check_cxx_compiler_flag("${flags}" ${known})
  if(${known})
    # The precompiled header is made for other flags.
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "${ARGN}" SKIP_PRECOMPILE_HEADERS ON)
  endif()
endfunction()

genmatch_vector_flags(core/transport/row_kernels_avx2.cpp -mavx2)
genmatch_vector_flags(core/transport/row_kernels_avx512.cpp -mavx512f -mavx512dq)
genmatch_vector_flags(core/learn/dense_kernels_avx2.cpp -mavx2 -mfma)
genmatch_vector_flags(core/learn/dense_kernels_avx512.cpp -mavx512f -mavx512dq)
# Without fused multiply-adds: chains of Monte Carlo steps have to take the same path on every processor.
genmatch_vector_flags(equivariant/particles/pair_kernels_avx2.cpp -mavx2 -ffp-contract=off)
genmatch_vector_flags(equivariant/particles/pair_kernels_avx512.cpp -mavx512f -mavx512dq -ffp-contract=off)
genmatch_vector_flags(equivariant/alignment/small_assignment_avx2.cpp -mavx2 -ffp-contract=off)
genmatch_vector_flags(equivariant/alignment/small_assignment_avx512.cpp -mavx512f -mavx512dq -ffp-contract=off)
