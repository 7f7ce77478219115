#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/session.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// Where a network comes from: OpenVINO's readers take all but Caffe's and Keras'.
enum class Framework { OpenVino, Onnx, TensorFlow, TfLite, Paddle, Caffe, Keras };

/// The shape that an imported network is given.
struct ImportShape {
    bool keep = true;      ///< as the file has it
    bool dynamic = false;  ///< batch, height, and width open; otherwise `fixed`
    InputShape fixed = {};
    ImageSize usual = {};  ///< what an open network is tried with
};

/// A network in the one form that everything here expects: one input [N, 3, H, W] f32 RGB 0 to 1, one output
/// [N, 4 + classes, anchors] f32, boxes in pixels of the input.
struct ImportedNetwork {
    std::shared_ptr<ov::Model> model;
    std::string input;   ///< the file's own input: `f32 [1, 160, 160, 3]`
    std::string output;  ///< what it gives, tried with batch 1: `[1, 525, 8]`
    InputShape shape;    ///< 0 for open sides
    int classes = 0;
    bool nhwc = false;           ///< a transposition was put before the network
    bool anchors_first = false;  ///< a transposition was put behind it
    bool relative = false;       ///< boxes were shares of the input, and are multiplied now
    bool quantized = false;      ///< it is in 8 bits inside
};

/// Reads a network of another framework and brings it into that form. Its layout is taken from its sides; what its
/// output means is measured by running it once on the CPU.
/// @param file the file; of a SavedModel the folder, of Paddle the program (`.pdmodel` or `.json`)
/// @throws Error NotFound, CorruptFile, UnsupportedModel, ShapeMismatch if it is no YOLOv8 detection network or cannot
/// be given the shape, RuntimeFailure
ImportedNetwork import_network(const std::filesystem::path& file, Framework framework, const ImportShape& shape);

/// The same, to be compiled. The shape is the file's. @throws Error as above
std::unique_ptr<LoadedNetwork> load_import(const std::filesystem::path& file, Framework framework, ImageSize usual);

/// A network in that form. @param file for messages. @throws Error ShapeMismatch
std::unique_ptr<LoadedNetwork> load_openvino(std::shared_ptr<ov::Model> model, const std::string& file);

/// As messages call it: `TensorFlow Lite`.
std::string_view title_of(Framework framework);

}  // namespace yolovino::runtime
