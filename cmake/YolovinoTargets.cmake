# How every target of the project is built: language level, warnings, sanitizers, and one static library per room.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(yolovino_flags INTERFACE)
target_compile_options(yolovino_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                       -Woverloaded-virtual -Werror
                       # GCC 12 warns of overlaps inside its own std::string (GCC bug 105651).
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(YOLOVINO_SANITIZE)
  target_compile_options(yolovino_flags INTERFACE -fsanitize=${YOLOVINO_SANITIZE} -fno-sanitize-recover=all
                         -fno-omit-frame-pointer
                         # GCC 12 takes std::regex for uninitialised when it instruments it.
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(yolovino_flags INTERFACE -fsanitize=${YOLOVINO_SANITIZE})
else()
  # Level 3 also covers what is allocated at run time; compilers that lack it take 2 for it.
  target_compile_definitions(yolovino_flags INTERFACE $<$<CONFIG:Release>:_FORTIFY_SOURCE=3>)
  target_compile_options(yolovino_flags INTERFACE -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|i[3-6]86")
    target_compile_options(yolovino_flags INTERFACE -fcf-protection)
  endif()
  target_link_options(yolovino_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack
                      $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
endif()

# yolovino_exports(TARGET SCRIPT): the shared object shows nothing but what the version script names, not even what the
# headers of other libraries mark as visible. Sanitizers need their symbols.
function(yolovino_exports target script)
  if(NOT YOLOVINO_SANITIZE)
    target_link_options(${target} PRIVATE "-Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/${script}")
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/${script}")
  endif()
endfunction()

# Part of every program of an AddressSanitizer or ThreadSanitizer build; see the file.
add_library(yolovino_program INTERFACE)
if(YOLOVINO_SANITIZE MATCHES "address|thread")
  add_library(yolovino_address_sanitizer OBJECT "${CMAKE_CURRENT_SOURCE_DIR}/tests/support/address_sanitizer.cpp")
  target_link_libraries(yolovino_program INTERFACE yolovino_address_sanitizer $<TARGET_OBJECTS:yolovino_address_sanitizer>)
  target_link_options(yolovino_program INTERFACE -rdynamic)
endif()

# yolovino_c_program(TARGET): a program in C that uses the C interface. The warnings of the project are those of C++.
function(yolovino_c_program target)
  set_target_properties(${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
  target_compile_definitions(${target} PRIVATE _POSIX_C_SOURCE=200809L)
  target_link_libraries(${target} PRIVATE yolovino_c yolovino_program)
  if(YOLOVINO_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${YOLOVINO_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${YOLOVINO_SANITIZE})
  endif()
endfunction()

option(YOLOVINO_PRECOMPILED_HEADER "Compile the standard headers that most files include once" ON)
if(YOLOVINO_PRECOMPILED_HEADER)
  # GCC 12 warns falsely of inlined standard code that comes from a precompiled header. A compiler cache needs the header
  # in the preprocessed text.
  target_compile_options(yolovino_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess;-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>)
  if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${CCACHE_PROGRAM}")
  endif()
endif()

# yolovino_reuse(TARGET FROM): compiles with the precompiled header of FROM.
function(yolovino_reuse target from)
  if(YOLOVINO_PRECOMPILED_HEADER)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

# yolovino_room(NAME SOURCES … LINK …): a static library `yolovino_NAME` that may use exactly the rooms and libraries it links.
function(yolovino_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINK" ${ARGN})
  add_library(yolovino_${name} STATIC ${ROOM_SOURCES})
  target_include_directories(yolovino_${name} PUBLIC "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(yolovino_${name} PUBLIC ${ROOM_LINK} PRIVATE yolovino_flags)
  yolovino_reuse(yolovino_${name} yolovino_precompiled_rooms)
  set_property(GLOBAL APPEND PROPERTY YOLOVINO_ROOMS ${name})
endfunction()

# yolovino_module(NAME SOURCES … LINK … [OWN_FLAGS]): a part that is loaded at first use, `yolovino/yolovino-NAME.so` beside the library.
# It carries its version, which the library compares with its own.
function(yolovino_module name)
  cmake_parse_arguments(MODULE "OWN_FLAGS" "" "SOURCES;LINK" ${ARGN})
  add_library(yolovino_${name}_module MODULE ${MODULE_SOURCES} "${PROJECT_SOURCE_DIR}/src/base/module_version.cpp")
  target_include_directories(yolovino_${name}_module PRIVATE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(yolovino_${name}_module PRIVATE yolovino_flags ${MODULE_LINK})
  set_target_properties(yolovino_${name}_module PROPERTIES PREFIX "" OUTPUT_NAME "yolovino-${name}"
                        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/yolovino")
  # A library that brings compiler flags of its own cannot use a header compiled without them.
  if(NOT MODULE_OWN_FLAGS)
    yolovino_reuse(yolovino_${name}_module yolovino_precompiled_rooms)
  endif()
  yolovino_exports(yolovino_${name}_module module.map)
  set_property(GLOBAL APPEND PROPERTY YOLOVINO_MODULES ${name})
  install(TARGETS yolovino_${name}_module LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/yolovino")
endfunction()
