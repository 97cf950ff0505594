# Debian's packages, versions of bookworm and later. scripts/install-packages lists them.
if(POLICY CMP0167)
  cmake_policy(SET CMP0167 NEW)  # Boost's own CMake files
endif()
set(kineto_LIBRARY c10 CACHE STRING "")  # LibTorch 2.6 warns about a library that Debian does not build
find_package(Torch 1.13 REQUIRED)
find_package(Eigen3 REQUIRED)
find_package(Boost REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
find_package(Threads REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp)  # yaml-cpp 0.7
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
