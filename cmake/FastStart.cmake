# Debian 12's libtorch_cpu.so is linked to OpenCV and FFmpeg without using a symbol of theirs. With all that those need
# in turn (some 220 libraries, Qt among them) they double the time that a program takes to start and its memory. Empty
# libraries of the same names stand in for them: docs/adr/0009-fast-start.md.
find_library(GENMATCH_TORCH_CPU torch_cpu)
find_program(GENMATCH_LDD ldd)
mark_as_advanced(GENMATCH_TORCH_CPU GENMATCH_LDD)
if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT GENMATCH_TORCH_CPU OR NOT GENMATCH_LDD)
  return()
endif()

execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${GENMATCH_LDD} -u ${GENMATCH_TORCH_CPU}
  OUTPUT_VARIABLE unused ERROR_QUIET)
# Of the unused libraries, only those that nothing but each other depends on: others may be needed elsewhere.
string(REGEX MATCHALL "lib(opencv_|av|sw)[a-z0-9_]+\\.so[.0-9]*" unused "${unused}")
if(NOT unused)
  return()
endif()
set(folder ${PROJECT_BINARY_DIR}/unused-by-torch)
file(WRITE ${folder}/empty.c "")
foreach(library IN LISTS unused)
  if(NOT EXISTS ${folder}/${library})
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -x c -shared -nostdlib -fPIC -Wl,-soname,${library}
      -o ${folder}/${library} ${folder}/empty.c COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()
# RPATH, unlike RUNPATH, also holds for what the program's libraries need.
target_link_options(genmatch_flags INTERFACE -Wl,--disable-new-dtags -Wl,-rpath,${folder})
