# `make wheel`: the Python wheel, with a library of its own that has OpenCV inside. Debian's shared OpenCV pulls in
# LAPACK, GLX, and X11, which no wheel may expect; the archives beside it hold the same compiled code.

set(wheel_opencv core imgproc video calib3d features2d flann)
set(wheel_archives "")
foreach(part ${wheel_opencv})
  find_library(OpenCVStatic_${part}_LIBRARY libopencv_${part}.a)
  mark_as_advanced(OpenCVStatic_${part}_LIBRARY)
  if(NOT OpenCVStatic_${part}_LIBRARY)
    message(STATUS "No static OpenCV (${part}): the Python wheel is left out")
    return()
  endif()
endforeach()
if(NOT TARGET yolovino_c OR NOT openvino_is_ours OR YOLOVINO_SANITIZE)
  message(STATUS "The Python wheel is left out: it needs the C interface, the wheel of OpenVINO, and no sanitizers")
  return()
endif()

# wheel_links_opencv(TARGET PART…): links what is used of the archives and hides it.
function(wheel_links_opencv target)
  set(archives "")
  foreach(part ${ARGN})
    list(APPEND archives "${OpenCVStatic_${part}_LIBRARY}")
  endforeach()
  target_link_libraries(${target} PRIVATE -Wl,--start-group ${archives} -Wl,--end-group "${openvino_folder}/libtbb.so.12"
                        ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
  target_link_options(${target} PRIVATE -Wl,--gc-sections -Wl,--as-needed -Wl,--exclude-libs,ALL -Wl,-z,defs)
  target_include_directories(${target} SYSTEM PRIVATE "${OpenCVParts_INCLUDE_DIR}")
  target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/python/wheel/opencv_without_lapack.cpp")
  set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON SKIP_BUILD_RPATH ON)
endfunction()

# The same objects as in the library of the build.
get_property(wheel_rooms GLOBAL PROPERTY YOLOVINO_ROOMS)
list(TRANSFORM wheel_rooms REPLACE "(.+)" "$<TARGET_OBJECTS:yolovino_\\1>" OUTPUT_VARIABLE wheel_objects)
add_library(yolovino_wheel SHARED "${PROJECT_SOURCE_DIR}/src/engine/api/library.cpp" ${wheel_objects})
target_include_directories(yolovino_wheel PRIVATE include src)
target_link_libraries(yolovino_wheel PRIVATE yolovino_flags fmt::fmt OpenSSL::Crypto ZLIB::ZLIB JPEG::JPEG PNG::PNG yaml-cpp openvino::runtime)
target_link_options(yolovino_wheel PRIVATE -Wl,-z,nodelete)
yolovino_exports(yolovino_wheel library.map)
wheel_links_opencv(yolovino_wheel imgproc core)
get_target_property(wheel_soversion yolovino SOVERSION)
set_target_properties(yolovino_wheel PROPERTIES OUTPUT_NAME yolovino SOVERSION ${wheel_soversion}
                      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/wheel")

add_library(yolovino_wheel_motion MODULE "${PROJECT_SOURCE_DIR}/src/tracking/motion_module/module.cpp" "${PROJECT_SOURCE_DIR}/src/base/module_version.cpp")
target_include_directories(yolovino_wheel_motion PRIVATE include src)
target_link_libraries(yolovino_wheel_motion PRIVATE yolovino_flags fmt::fmt)
yolovino_exports(yolovino_wheel_motion module.map)
wheel_links_opencv(yolovino_wheel_motion video calib3d features2d flann imgproc core)
set_target_properties(yolovino_wheel_motion PROPERTIES PREFIX "" OUTPUT_NAME yolovino-motion
                      LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/wheel")

# The proof that both OpenCV give the same pixels; python/tests_wheel compares what they print.
foreach(kind shared static)
  add_executable(letterbox_${kind} "${PROJECT_SOURCE_DIR}/python/wheel/letterbox_hashes.cpp" $<TARGET_OBJECTS:yolovino_vision>
                 $<TARGET_OBJECTS:yolovino_base> $<TARGET_OBJECTS:yolovino_printable> $<TARGET_OBJECTS:yolovino_process>)
  target_include_directories(letterbox_${kind} PRIVATE include src)
  target_link_libraries(letterbox_${kind} PRIVATE yolovino_flags fmt::fmt OpenSSL::Crypto JPEG::JPEG PNG::PNG ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS})
  set_target_properties(letterbox_${kind} PROPERTIES EXCLUDE_FROM_ALL ON RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/wheel")
endforeach()
target_link_libraries(letterbox_shared PRIVATE opencv_core opencv_imgproc)
wheel_links_opencv(letterbox_static imgproc core)
set_target_properties(letterbox_static PROPERTIES SKIP_BUILD_RPATH OFF BUILD_RPATH "${openvino_folder}")

# What the wheel has besides is taken from the build as it is. Media, net, and hdf5 would bring half of Debian along.
set(wheel_modules onnx text caffe)
list(TRANSFORM wheel_modules REPLACE "(.+)" "yolovino_\\1_module" OUTPUT_VARIABLE wheel_module_targets)
list(TRANSFORM wheel_modules REPLACE "(.+)" "$<TARGET_FILE:yolovino_\\1_module>" OUTPUT_VARIABLE wheel_module_files)
add_custom_target(python_wheel
  COMMAND "${PROJECT_SOURCE_DIR}/python/wheel/build.sh" "${PROJECT_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/wheel" "${PROJECT_VERSION}"
          $<TARGET_SONAME_FILE:yolovino_wheel> $<TARGET_SONAME_FILE:yolovino_c> $<TARGET_FILE:yolovino_wheel_motion> ${wheel_module_files}
  DEPENDS letterbox_shared letterbox_static yolovino_wheel yolovino_wheel_motion yolovino_c ${wheel_module_targets}
  VERBATIM USES_TERMINAL)
