add_library(genmatch_flags INTERFACE)
target_include_directories(genmatch_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(genmatch_flags INTERFACE -Wall -Wextra -Wno-array-bounds -Wno-stringop-overflow
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overread>)
if(GENMATCH_WERROR)
  target_compile_options(genmatch_flags INTERFACE -Werror)
endif()
if(GENMATCH_SANITIZE)
  target_compile_options(genmatch_flags INTERFACE -fsanitize=${GENMATCH_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(genmatch_flags INTERFACE -fsanitize=${GENMATCH_SANITIZE})
endif()
target_link_libraries(genmatch_flags INTERFACE ${TORCH_LIBRARIES} Eigen3::Eigen Boost::headers yaml-cpp::yaml-cpp
  CLI11::CLI11 fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json PkgConfig::libzip Threads::Threads)

# core/ops.h, compiled once for everyone.
file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cpp "")
add_library(genmatch_precompiled STATIC ${PROJECT_BINARY_DIR}/precompiled.cpp)
target_link_libraries(genmatch_precompiled PRIVATE genmatch_flags)
target_precompile_headers(genmatch_precompiled PRIVATE <core/ops.h>)  # no absolute path: ccache serves other clones

# genmatch_library(NAME FOLDER [DEPENDENCY…]): the .cpp files directly in FOLDER (not main.cpp).
function(genmatch_library name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  add_library(genmatch_${name} STATIC ${sources})
  list(TRANSFORM ARGN PREPEND genmatch_)
  target_link_libraries(genmatch_${name} PUBLIC genmatch_flags ${ARGN})
  target_precompile_headers(genmatch_${name} REUSE_FROM genmatch_precompiled)
endfunction()
