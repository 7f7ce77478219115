#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "yolovino/types.hpp"

namespace yolovino::writers {

/// What is written; each format has its own list of arguments in the metadata.
enum class Format { OpenVino, Onnx, TorchScript };

/// What travels with an exported network. Keys, order, and spelling are Ultralytics', so that it loads the result.
struct Metadata {
    Format format = Format::OpenVino;
    std::string description;
    std::string date;     ///< ISO 8601, UTC
    std::string version;  ///< of the exporter
    std::string license;
    int stride = 32;  ///< the largest
    std::string task;
    std::string head;
    int batch = 1;
    ImageSize imgsz;
    ClassNames names;
    KeypointShape kpt_shape;                               ///< pose only
    std::vector<std::vector<std::string>> kpt_names = {};  ///< by class id; empty if unknown
    bool half = false;
    bool int8 = false;
    std::string data = {};         ///< calibration data of an 8-bit export, as it was given
    double fraction = 1;           ///< share of it, or number of images
    std::optional<bool> nms = {};  ///< as requested
    bool end2end = false;          ///< whether the one-to-one branch was exported, whose boxes are finished
    bool dynamic = false;
    bool simplify = true;            ///< ONNX only
    std::optional<int> opset = {};   ///< ONNX only, as requested
    double iou = 0.7;                ///< suggested suppression threshold, for rt_info
    std::string source = {};         ///< file name of the checkpoint
    std::string source_sha256 = {};  ///< its hash
};

/// One value of the metadata: null, truth, number, text, sizes, names by id, lists of names by id, or a map in order.
struct Field;
using Fields = std::vector<std::pair<std::string, Field>>;
struct Field {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::int64_t>, ClassNames,
                 std::vector<std::vector<std::string>>, Fields>
        value;
};

/// The one table of keys and values; the three texts below are its spellings.
Fields fields(const Metadata& metadata);

/// The text of `metadata.yaml`.
std::string to_yaml(const Metadata& metadata);

/// Each key with the value as Python's str() prints it, for ONNX's metadata properties.
std::vector<std::pair<std::string, std::string>> to_properties(const Metadata& metadata);

/// One line of JSON, for the extra file of a TorchScript archive. Text that is not UTF-8 is replaced.
std::string to_json(const Metadata& metadata);

}  // namespace yolovino::writers
