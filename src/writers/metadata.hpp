#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yolovino/image.hpp"
#include "yolovino/results.hpp"

namespace yolovino::writers {

/// What travels with an exported network. Keys, order, and spelling of the YAML are Ultralytics', so that it loads the
/// folder.
struct Metadata {
    std::string description;
    std::string date;     ///< ISO 8601, UTC
    std::string version;  ///< of the exporter
    std::string license;
    int stride = 32;  ///< the largest
    std::string task = "detect";
    std::string head = "Detect";
    int batch = 1;
    ImageSize imgsz;
    ClassNames names;
    std::string data;  ///< dataset of the training; empty if unknown
    bool half = false;
    bool dynamic = false;
    double iou = 0.7;           ///< suggested suppression threshold, for rt_info
    std::string source;         ///< file name of the checkpoint
    std::string source_sha256;  ///< its hash
};

/// The text of `metadata.yaml`.
std::string to_yaml(const Metadata& metadata);

}  // namespace yolovino::writers
