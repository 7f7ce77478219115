#include "engine/model/compiled_networks.hpp"

#include <algorithm>
#include <cstddef>

namespace yolovino::engine {

namespace {

constexpr std::ptrdiff_t kMaxFixedShapes = 4;  // compiled shapes per device before the network is left dynamic

}  // namespace

std::shared_ptr<runtime::CompiledNetwork> CompiledNetworks::get(runtime::LoadedNetwork& network,
                                                                const runtime::RuntimeArgs& args,
                                                                const runtime::InputShape& shape) {
    Key key{args, 0, 0, 0};
    if (network.dynamic()) {
        const Key fixed{args, shape.batch, shape.size.height, shape.size.width};
        const auto same_args = [&](const auto& entry) { return entry.first.args == args; };
        const bool room = std::ranges::count_if(compiled_, same_args) < kMaxFixedShapes;
        if (compiled_.contains(fixed) || (room && !compiled_.contains(key))) key = fixed;
    }
    auto& entry = compiled_[key];
    if (!entry) {
        try {
            entry = network.compile(args, {key.batch, {key.height, key.width}});
        } catch (...) {
            compiled_.erase(key);
            throw;
        }
    }
    return entry;
}

}  // namespace yolovino::engine
