# What the scripts share; sourced by them.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
preset=${GENMATCH_PRESET:-release}
build=$root/build/$preset

# Threads that wait by spinning make two of them slower than one as soon as other work wants the cores.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

say() { printf '%s\n' "$*" >&2; }
die() {
  say "${0##*/}: $*"
  exit 1
}

# Compilers of precompiled LibTorch headers take up to 1.5 GB each.
parallel_jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ {print int($2 / 1500000)}' /proc/meminfo 2>/dev/null || echo "$cores")
  [ "$memory" -ge 1 ] || memory=1
  echo $((cores < memory ? cores : memory))
}

# Shows Ninja's output on standard error, progress on one line of a terminal, and nothing where nothing is to do.
show_progress() {
  local line open=
  while IFS= read -r line; do
    case $line in
      *'Re-checking globbed directories'* | '-- '* | 'ninja: no work to do.' | 'ninja: Entering directory'*) ;;
      '['[0-9]*/[0-9]*']'*)
        if [ -t 2 ]; then
          printf '\r\033[K%.*s' "$((${COLUMNS:-80} - 1))" "$line" >&2
          open=1
        else
          say "$line"
        fi
        ;;
      *)
        [ -z "$open" ] || say
        open=
        say "$line"
        ;;
    esac
  done
  [ -z "$open" ] || printf '\r\033[K' >&2
}

# Configures if need be. Ninja notices changed CMake files itself, but not a changed preset. GENMATCH_CMAKE_OPTIONS
# adds to the preset at this time.
configure() {
  [ "$build/build.ninja" -nt "$root/CMakePresets.json" ] && return
  say "Configuring $build"
  # shellcheck disable=SC2086  # several options in one variable
  (cd "$root" && cmake --preset "$preset" ${GENMATCH_CMAKE_OPTIONS:-}) >"$build/configure.log" 2>&1 || {
    cat "$build/configure.log" >&2
    die "configuring failed"
  }
}

# build_targets TARGET…: brings them up to date, from nothing if need be. One build at a time in each folder.
build_targets() {
  "$root/scripts/install-packages"
  mkdir -p "$build"
  (
    flock -n 9 || { say "Waiting for another build in $build" && flock 9; }
    configure
    ninja -C "$build" -j "$(parallel_jobs)" "$@" 9>&- 2>&1 | show_progress
  ) 9>"$build/.lock" || die "the build failed"
}
