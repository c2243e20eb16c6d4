# Compiler settings that every target of the project shares, and the list of instruction sets.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 99)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

add_library(stf_options INTERFACE)
if(MSVC)
  target_compile_options(stf_options INTERFACE /W4 /utf-8)
else()
  # Bytes must never depend on how a compiler fuses floating-point operations.
  target_compile_options(stf_options INTERFACE -ffp-contract=off -fno-math-errno -Wall -Wextra -Wshadow
                         -Wno-psabi $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
endif()
if(NOT STF_EXCEPTIONS)
  target_compile_options(stf_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:$<IF:$<CXX_COMPILER_ID:MSVC>,/EHs-c-,-fno-exceptions>>)
endif()
if(STF_SANITIZE)
  target_compile_options(stf_options INTERFACE -fsanitize=${STF_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer -g)
  target_link_options(stf_options INTERFACE -fsanitize=${STF_SANITIZE})
endif()

# Instruction sets beyond the baseline: name -> compiler flags. src/dsp/*_simd.cpp is compiled once for each.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64" AND NOT MSVC)
  set(STF_ISAS sse41 avx2)
  set(STF_ISA_FLAGS_sse41 -msse4.1 -mssse3 -mpopcnt)
  set(STF_ISA_FLAGS_avx2 -mavx2 -mbmi -mbmi2 -mpopcnt)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64" AND NOT MSVC)
  set(STF_ISAS neon)
  set(STF_ISA_FLAGS_neon "")
else()
  set(STF_ISAS)
endif()
