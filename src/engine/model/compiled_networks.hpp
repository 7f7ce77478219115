#pragma once

#include <map>
#include <memory>

#include "runtime/session.hpp"

namespace yolovino::engine {

/// The compiled forms of loaded networks. A network whose shape is dynamic is compiled for each shape, since that runs
/// faster, until so many shapes have come that it is left dynamic. Not thread-safe.
class CompiledNetworks {
public:
    /// The network compiled for a device, at the first call. @param args with the runtime of `network`
    /// @throws Error as LoadedNetwork::compile
    std::shared_ptr<runtime::CompiledNetwork> get(runtime::LoadedNetwork& network, const runtime::RuntimeArgs& args,
                                                  const runtime::InputShape& shape);

private:
    struct Key {
        runtime::RuntimeArgs args;
        int batch;
        int height;
        int width;
        // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads a defaulted <=>
        friend auto operator<=>(const Key&, const Key&) = default;
    };
    std::map<Key, std::shared_ptr<runtime::CompiledNetwork>> compiled_;
};

}  // namespace yolovino::engine
