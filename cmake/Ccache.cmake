# ccache where it is installed. GCC tells it what a precompiled header stands for (-fpch-preprocess); paths below the
# project are hashed relative to it, so that a second clone hits what the first has compiled.
find_program(GENMATCH_CCACHE ccache)
mark_as_advanced(GENMATCH_CCACHE)
if(GENMATCH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(sloppiness pch_defines,time_macros,include_file_mtime,include_file_ctime)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=${sloppiness}
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${GENMATCH_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
