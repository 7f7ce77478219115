# `cmake --install`: the command, the library with its modules, headers, a CMake package, and a pkg-config file.
include(CMakePackageConfigHelpers)

# The command finds the library beside itself. OpenVINO of `make setup` is installed with them, since nothing outside the
# source tree would have it; another OpenVINO stays where the build found it.
get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION_RELEASE)
if(NOT openvino_library)
  get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION)
endif()
get_filename_component(openvino_folder "${openvino_library}" DIRECTORY)
file(REAL_PATH "${openvino_folder}" openvino_place)
file(REAL_PATH "${PROJECT_SOURCE_DIR}/.deps" our_dependencies)
cmake_path(IS_PREFIX our_dependencies "${openvino_place}" openvino_is_ours)
if(openvino_is_ours)
  set(openvino_destination "${CMAKE_INSTALL_LIBDIR}/yolovino/openvino")
  # Of the readers only those that are used; OpenVINO finds its parts beside itself.
  file(GLOB openvino_parts "${openvino_folder}/libopenvino.so*" "${openvino_folder}/libopenvino_*_plugin.so"
       "${openvino_folder}/libopenvino_ir_frontend.so*" "${openvino_folder}/libopenvino_onnx_frontend.so*"
       "${openvino_folder}/libopenvino_tensorflow_frontend.so*" "${openvino_folder}/libopenvino_tensorflow_lite_frontend.so*"
       "${openvino_folder}/libopenvino_paddle_frontend.so*"
       "${openvino_folder}/libtbb*.so*" "${openvino_folder}/libhwloc.so*" "${openvino_folder}/cache.json")
  install(FILES ${openvino_parts} DESTINATION "${openvino_destination}")
  file(GLOB openvino_licenses "${openvino_folder}/../../openvino-*.dist-info/licenses")
  install(DIRECTORY ${openvino_licenses} DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/yolovino/openvino")
  set(openvino_rpath "$ORIGIN/yolovino/openvino" "$ORIGIN/../${openvino_destination}")
else()
  set(openvino_rpath "${openvino_folder}" "${openvino_folder}")
endif()
list(GET openvino_rpath 0 library_rpath)
list(GET openvino_rpath 1 command_rpath)
set_target_properties(yolovino yolovino_c PROPERTIES INSTALL_RPATH "$ORIGIN;${library_rpath}")
set_target_properties(yolo PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR};${command_rpath}")

install(TARGETS yolovino yolovino_c EXPORT yolovinoTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY include/yolovino DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT yolovinoTargets NAMESPACE yolovino:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yolovino")
configure_package_config_file(cmake/yolovinoConfig.cmake.in "${CMAKE_BINARY_DIR}/yolovinoConfig.cmake"
                              INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yolovino")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/yolovinoConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
# Relative, so that `cmake --install --prefix` and moved folders are right, too.
file(RELATIVE_PATH YOLOVINO_PREFIX_FROM_PC "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
configure_file(cmake/yolovino.pc.in "${CMAKE_BINARY_DIR}/yolovino.pc" @ONLY)
configure_file(cmake/yolovino_c.pc.in "${CMAKE_BINARY_DIR}/yolovino_c.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/yolovinoConfig.cmake" "${CMAKE_BINARY_DIR}/yolovinoConfigVersion.cmake"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/yolovino")
install(FILES "${CMAKE_BINARY_DIR}/yolovino.pc" "${CMAKE_BINARY_DIR}/yolovino_c.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

# With the pages that docs/ links to.
install(FILES LICENSE README.md CHANGELOG.md ARCHITECTURE.md CODE_OF_CONDUCT.md CONTRIBUTING.md HACKING.md RELEASING.md SECURITY.md
        DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/yolovino")
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/yolovino")
install(CODE "execute_process(COMMAND \"$<TARGET_FILE:yolo>\" completion bash
                              OUTPUT_FILE \"${CMAKE_BINARY_DIR}/yolo.bash\" COMMAND_ERROR_IS_FATAL ANY)")
install(FILES "${CMAKE_BINARY_DIR}/yolo.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        RENAME yolo)
# For those who serve models; nothing starts by itself.
install(FILES packaging/yolovino.service DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/yolovino/systemd")
