#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "runtime/openvino/import/frontends.hpp"
#include "runtime/session.hpp"
#include "tensors/output_layout.hpp"
#include "tensors/signature.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// The shape that an imported network is given.
struct ImportShape {
    bool keep = true;      ///< as the file has it
    bool dynamic = false;  ///< batch, height, and width dynamic; otherwise `fixed`
    InputShape fixed = {};
    ImageSize usual = {};  ///< what a dynamic network is tried with
};

/// A network in the one form that everything here expects: one input [N, 3, H, W] f32 RGB 0 to 1, and outputs in f32
/// as the layout has them, boxes and points in pixels of the input.
struct ImportedNetwork {
    std::shared_ptr<ov::Model> model;
    std::string input;   ///< the file's own input: `f32 [1, 160, 160, 3]`
    std::string output;  ///< what it gives, tried with batch 1: `[1, 525, 8]`, rows before maps
    InputShape shape;    ///< 0 for dynamic dimensions
    int classes = 0;
    bool nhwc = false;             ///< a transposition was put before the network
    bool reordered = false;        ///< maps came before rows
    bool anchors_first = false;    ///< a transposition was put behind the rows
    bool maps_last = false;        ///< a transposition was put behind the maps
    bool relative_boxes = false;   ///< boxes were shares of the input, and are multiplied now
    bool relative_points = false;  ///< so were points
    bool quantized = false;        ///< it is in 8 bits inside
};

/// Reads a network of another framework and brings it into that form. Its layout is taken from its dimensions; what its
/// output means is measured by running it once on the CPU.
/// @param file the file; of a SavedModel the folder, of Paddle the program (`.pdmodel` or `.json`)
/// @param outputs what the outputs must be, in the words of the task
/// @throws Error NotFound, CorruptFile, UnsupportedModel, ShapeMismatch if it does not give what is expected or cannot
/// be given the shape, RuntimeFailure
ImportedNetwork import_network(const std::filesystem::path& file, Framework framework, const ImportShape& shape,
                               const tensors::OutputLayout& outputs);

/// The same, to be compiled. The shape is the file's. @throws Error as above
std::unique_ptr<LoadedNetwork> load_import(const std::filesystem::path& file, Framework framework, ImageSize usual,
                                           const tensors::OutputLayout& outputs,
                                           const tensors::SignatureCheck& check = {});

}  // namespace yolovino::runtime
