#!/usr/bin/env bash
# The core for 64-bit ARM, built by a cross compiler and run under emulation: the C++ tests, and with them every NEON
# kernel against its scalar twin.
#   tests/acceptance/neon.sh [build folder]
# Needs g++-aarch64-linux-gnu and qemu-user (Debian's names), CMake and Ninja.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build/neon}
for tool in aarch64-linux-gnu-g++ qemu-aarch64 cmake ninja; do
  command -v "$tool" >/dev/null || { echo "neon.sh: $tool is needed" >&2; exit 1; }
done
cmake -S . -B "$build" -G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
  -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-aarch64;-L;/usr/aarch64-linux-gnu" >/dev/null
cmake --build "$build"
# Emulation is slow: of the tests that damage every byte, every 29th.
STFRAG_TEST_STEP=29 ctest --test-dir "$build" --output-on-failure -j"$(nproc)"
