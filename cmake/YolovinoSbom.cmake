# The bill of materials, SPDX 2.3: what the build was linked with, by the versions that are installed. A generator would
# be one more program that a fresh machine lacks, and none of them covers Debian's packages and a pinned wheel at once.

set(sbom_packages "")
set(sbom_relations "")

# sbom_package(ID NAME VERSION LICENSE LOCATION PURL RELATION [CHECKSUM])
function(sbom_package id name version license location purl relation)
  set(checksum "")
  if(ARGC GREATER 7 AND ARGV7)
    set(checksum "PackageChecksum: SHA256: ${ARGV7}\n")
  endif()
  string(APPEND sbom_packages "\nPackageName: ${name}\nSPDXID: SPDXRef-${id}\nPackageVersion: ${version}\n"
         "PackageDownloadLocation: ${location}\nFilesAnalyzed: false\n${checksum}"
         "PackageLicenseConcluded: NOASSERTION\nPackageLicenseDeclared: ${license}\n"
         "PackageCopyrightText: NOASSERTION\nExternalRef: PACKAGE-MANAGER purl ${purl}\n")
  string(APPEND sbom_relations "Relationship: SPDXRef-yolovino ${relation} SPDXRef-${id}\n")
  set(sbom_packages "${sbom_packages}" PARENT_SCOPE)
  set(sbom_relations "${sbom_relations}" PARENT_SCOPE)
endfunction()

# Debian's package and its version; elsewhere the version is not known here.
find_program(DPKG_QUERY dpkg-query)
find_program(DPKG dpkg)
set(sbom_distribution "")
if(DPKG_QUERY AND DPKG)
  execute_process(COMMAND "${DPKG}" --print-architecture OUTPUT_VARIABLE sbom_architecture OUTPUT_STRIP_TRAILING_WHITESPACE)
  file(STRINGS /etc/os-release sbom_release REGEX "^(ID|VERSION_ID)=")
  string(REGEX REPLACE ".*VERSION_ID=\"?([^\";]*).*" "\\1" sbom_distribution "${sbom_release}")
endif()
foreach(row
    "libopencv-core-dev|Apache-2.0" "libopencv-imgproc-dev|Apache-2.0" "libopencv-imgcodecs-dev|Apache-2.0"
    "libopencv-videoio-dev|Apache-2.0" "libopencv-highgui-dev|Apache-2.0" "libopencv-video-dev|Apache-2.0" "libopencv-calib3d-dev|Apache-2.0"
    "libeigen3-dev|MPL-2.0" "libavformat-dev|GPL-2.0-or-later"
    "libavcodec-dev|GPL-2.0-or-later" "libswscale-dev|GPL-2.0-or-later"
    "libjpeg62-turbo-dev|IJG AND BSD-3-Clause AND Zlib" "libpng-dev|libpng-2.0" "libwebp-dev|BSD-3-Clause" "libtiff-dev|libtiff"
    "libgif-dev|MIT" "libavif-dev|BSD-2-Clause" "libheif-dev|LGPL-3.0-or-later" "libyaml-cpp-dev|MIT"
    "nlohmann-json3-dev|MIT" "libfmt-dev|MIT" "zlib1g-dev|Zlib" "libssl-dev|Apache-2.0" "libcurl4-openssl-dev|curl"
    "libonnx-dev|Apache-2.0" "libprotobuf-dev|BSD-3-Clause" "libhdf5-dev|BSD-3-Clause" "libfreetype-dev|FTL" "libfontconfig-dev|HPND-sell-variant"
    "libboost1.81-dev|BSL-1.0" "prometheus-cpp-dev|MIT" "libtorch-dev|BSD-3-Clause")
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 name)
  list(GET row 1 license)
  set(version "")
  if(name STREQUAL "libtorch-dev" AND NOT YOLOVINO_LIBTORCH)
    continue()
  endif()
  if(DPKG_QUERY)
    execute_process(COMMAND "${DPKG_QUERY}" -W -f "\${Version}" "${name}" OUTPUT_VARIABLE version ERROR_QUIET)
  endif()
  if(NOT version)
    if(name STREQUAL "libtorch-dev")
      continue()
    endif()
    set(version "NOASSERTION")
  endif()
  string(REPLACE ":" "%3A" version_in_purl "${version}")
  string(REPLACE "+" "%2B" version_in_purl "${version_in_purl}")
  set(relation DEPENDS_ON)
  sbom_package("${name}" "${name}" "${version}" "${license}" "https://deb.debian.org/debian"
               "pkg:deb/debian/${name}@${version_in_purl}?arch=${sbom_architecture}&distro=debian-${sbom_distribution}"
               ${relation})
endforeach()

# The wheels of tools/setup.sh; the marks that it leaves carry version and hash.
foreach(row "openvino|.deps|Apache-2.0" "onnxruntime|.deps-ort|MIT")
  string(REPLACE "|" ";" row "${row}")
  list(GET row 0 name)
  list(GET row 1 folder)
  list(GET row 2 license)
  file(GLOB mark RELATIVE "${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_SOURCE_DIR}/${folder}/${name}-*.*")
  list(FILTER mark INCLUDE REGEX "^${name}-[0-9.]+\\.[0-9a-f]+$")
  if(mark)
    list(GET mark 0 mark)
    string(REGEX REPLACE "^${name}-(.*)\\.([0-9a-f]+)$" "\\1;\\2" parts "${mark}")
    list(GET parts 0 version)
    list(GET parts 1 hash)
    sbom_package("${name}" "${name}" "${version}" "${license}" "https://pypi.org/project/${name}/${version}/"
                 "pkg:pypi/${name}@${version}" DEPENDS_ON "${hash}")
  elseif(name STREQUAL "openvino")
    sbom_package("${name}" "${name}" "${OpenVINO_VERSION}" "${license}" "NOASSERTION"
                 "pkg:generic/${name}@${OpenVINO_VERSION}" DEPENDS_ON)
  endif()
endforeach()

string(TIMESTAMP sbom_created "%Y-%m-%dT%H:%M:%SZ" UTC)
string(SHA256 sbom_id "${PROJECT_VERSION}${sbom_packages}")
file(WRITE "${CMAKE_BINARY_DIR}/yolovino.spdx"
"SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: yolovino-${PROJECT_VERSION}
DocumentNamespace: https://spdx.org/spdxdocs/yolovino-${PROJECT_VERSION}-${sbom_id}
Creator: Tool: yolovino-cmake-${PROJECT_VERSION}
Created: ${sbom_created}

PackageName: yolovino
SPDXID: SPDXRef-yolovino
PackageVersion: ${PROJECT_VERSION}
PackageDownloadLocation: NOASSERTION
FilesAnalyzed: false
PackageLicenseConcluded: NOASSERTION
PackageLicenseDeclared: Apache-2.0
PackageCopyrightText: NOASSERTION
${sbom_packages}
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-yolovino
${sbom_relations}")
install(FILES "${CMAKE_BINARY_DIR}/yolovino.spdx" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/yolovino")
