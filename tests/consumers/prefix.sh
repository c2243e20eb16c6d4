#!/usr/bin/env bash
# Install the core alone to a prefix and use it from there: versions and SONAME, pkg-config, CMake.
#
#   tests/consumers/prefix.sh BUILD PREFIX      BUILD: a CMake build of the core, made where there is none
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$1
prefix=$2
[ -e "$build/CMakeCache.txt" ] || cmake -S "$here/../.." -B "$build" -G Ninja -DSTF_BUILD_TESTS=OFF >/dev/null
cmake --build "$build" --target stfrag
rm -rf "$prefix"
# Debian's own folder of libraries, which is one deeper: the pkg-config file must find its prefix from there, too.
for libdir in lib lib/x86_64-linux-gnu; do
  cmake -DCMAKE_INSTALL_LIBDIR=$libdir "$build" >/dev/null
  cmake --build "$build" --target stfrag
  cmake --install "$build" --prefix "$prefix" >/dev/null
  lib=$prefix/$libdir

  # libstfrag.so -> libstfrag.so.0.1 -> libstfrag.so.0.1.0, and programs ask for the one in the middle.
  export PKG_CONFIG_PATH=$lib/pkgconfig
  version=$(pkg-config --modversion stfrag)
  soname=libstfrag.so.${version%.*}
  [ "$(readlink "$lib/libstfrag.so")" = "$soname" ]
  [ "$(readlink "$lib/$soname")" = "libstfrag.so.$version" ]
  readelf -d "$lib/libstfrag.so" | grep -q "SONAME.*\[$soname\]"

  # shellcheck disable=SC2046 # words are wanted
  cc -std=c99 "$here/c/main.c" $(pkg-config --cflags --libs stfrag) \
    -Wl,-rpath,"$(pkg-config --variable=libdir stfrag)" -o "$prefix/consumer"
  readelf -d "$prefix/consumer" | grep -q "NEEDED.*\[$soname\]"
  "$prefix/consumer"

  cmake -S "$here/cmake" -B "$prefix/cmake-build" -G Ninja -Dstfrag_DIR="$lib/cmake/stfrag" >/dev/null
  cmake --build "$prefix/cmake-build" >/dev/null
  "$prefix/cmake-build/consumer_c"
  "$prefix/cmake-build/consumer_cpp"
  rm -rf "$prefix"
done
cmake -U CMAKE_INSTALL_LIBDIR "$build" >/dev/null
echo "a prefix install works"
