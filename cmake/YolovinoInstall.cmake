# `cmake --install`: the command, the library with its modules, headers, a CMake package, and a pkg-config file.
include(CMakePackageConfigHelpers)

# The command finds the library beside itself, and both find OpenVINO where the build found it.
get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION_RELEASE)
if(NOT openvino_library)
  get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION)
endif()
get_filename_component(openvino_folder "${openvino_library}" DIRECTORY)
set_target_properties(yolovino PROPERTIES INSTALL_RPATH "$ORIGIN;${openvino_folder}")
set_target_properties(yolo PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${openvino_folder}")

install(TARGETS yolovino EXPORT yolovinoTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/yolovino DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT yolovinoTargets NAMESPACE yolovino:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yolovino")
configure_package_config_file(cmake/yolovinoConfig.cmake.in "${CMAKE_BINARY_DIR}/yolovinoConfig.cmake"
                              INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yolovino")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/yolovinoConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
configure_file(cmake/yolovino.pc.in "${CMAKE_BINARY_DIR}/yolovino.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/yolovinoConfig.cmake" "${CMAKE_BINARY_DIR}/yolovinoConfigVersion.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yolovino")
install(FILES "${CMAKE_BINARY_DIR}/yolovino.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
