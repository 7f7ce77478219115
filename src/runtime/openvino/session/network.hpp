#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "graph/graph.hpp"
#include "runtime/session.hpp"
#include "tensors/signature.hpp"

namespace ov {
class Model;
}

namespace yolovino::runtime {

/// Refuses a device that is not there and a cache folder that cannot be made, before anything else is done.
/// @throws Error InvalidArgument, DeviceUnavailable, IoFailure
void check_openvino(const RuntimeArgs& args);

/// @param file  `.xml` or `.onnx`
/// @param check what the caller wants of input and outputs; empty: what every runtime needs
/// @throws Error NotFound, CorruptFile, ShapeMismatch if the check refuses them
std::unique_ptr<LoadedNetwork> load_openvino(const std::filesystem::path& file,
                                             const tensors::SignatureCheck& check = {});
/// @throws Error RuntimeFailure
std::unique_ptr<LoadedNetwork> load_openvino(const graph::Graph& graph);

/// A network that is built only where no compiled one is kept.
struct LazyGraph {
    std::string identity;                 ///< stands for the network, as the hash of the file that it is made of
    std::function<graph::Graph()> build;  ///< with batch, height, and width open
    tensors::SignatureCheck check = {};   ///< of what was built; as above
};
/// Does not throw; ready() and compile() throw what `build` throws, and as above.
std::unique_ptr<LoadedNetwork> load_openvino(LazyGraph graph);

/// A model in memory, with one input and one output as ImportedNetwork has them. @param file for messages. @throws
/// Error ShapeMismatch
std::unique_ptr<LoadedNetwork> load_openvino(std::shared_ptr<ov::Model> model, const std::string& file,
                                             const tensors::SignatureCheck& check = {});

/// The network of a file as it stands there. @throws Error NotFound, CorruptFile, UnsupportedFile
std::shared_ptr<ov::Model> read_openvino(const std::filesystem::path& file);

}  // namespace yolovino::runtime
