# yolovino_embed(TARGET FILE …): a source of TARGET gets the text of each file as a raw string by
# `#include "<its path below src>.inc"`.
function(yolovino_embed target)
  foreach(file ${ARGN})
    set(path "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/src" OUTPUT_VARIABLE below)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
    file(READ "${path}" text)
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/embedded/${below}.inc" CONTENT "R\"embedded(@text@)embedded\"\n" @ONLY)
  endforeach()
  target_include_directories(${target} PRIVATE "${PROJECT_BINARY_DIR}/embedded")
endfunction()
