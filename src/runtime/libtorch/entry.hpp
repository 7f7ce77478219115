#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "graph/graph.hpp"
#include "runtime/session.hpp"

namespace yolovino::runtime {

/// What a TorchScript file says of its input in its metadata; the network itself does not tell.
struct DeclaredShape {
    bool dynamic = false;
    InputShape shape;  ///< 0 where unknown
};

/// What the LibTorch module offers. It lives in a shared object of its own, since merely linking LibTorch adds 0.6 s to
/// the start of a process.
class LibTorch {
public:
    virtual ~LibTorch() = default;
    virtual std::string version() = 0;
    /// @throws Error as `load_libtorch`
    virtual std::unique_ptr<LoadedNetwork> load(const std::filesystem::path& torchscript,
                                                const DeclaredShape& declared) = 0;
    virtual std::unique_ptr<LoadedNetwork> build(std::shared_ptr<const graph::Graph> graph) = 0;
};

/// Name of the module and of the one function that it exports: `LibTorch* yolovino_libtorch()`.
inline constexpr const char* kLibTorchModule = "libtorch";
inline constexpr const char* kLibTorchEntry = "yolovino_libtorch";

}  // namespace yolovino::runtime
