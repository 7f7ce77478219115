# Debian ships OpenCV's CMake package only with libopencv-dev, which pulls in every module (1 GB). The parts that are
# needed have development packages of their own; this finds them: targets opencv_core, opencv_imgproc, …

find_path(OpenCVParts_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
set(OpenCVParts_LIBRARIES)
foreach(part ${OpenCVParts_FIND_COMPONENTS})
  find_library(OpenCVParts_${part}_LIBRARY opencv_${part})
  if(OpenCVParts_${part}_LIBRARY)
    set(OpenCVParts_${part}_FOUND TRUE)
    list(APPEND OpenCVParts_LIBRARIES "${OpenCVParts_${part}_LIBRARY}")
    if(NOT TARGET opencv_${part})
      add_library(opencv_${part} UNKNOWN IMPORTED)
      set_target_properties(opencv_${part} PROPERTIES IMPORTED_LOCATION "${OpenCVParts_${part}_LIBRARY}"
                            INTERFACE_INCLUDE_DIRECTORIES "${OpenCVParts_INCLUDE_DIR}")
    endif()
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVParts REQUIRED_VARS OpenCVParts_INCLUDE_DIR OpenCVParts_LIBRARIES HANDLE_COMPONENTS)
mark_as_advanced(OpenCVParts_INCLUDE_DIR)
