#include "engine/model/runtime_choice.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <vector>

#include "yolovino/model.hpp"
#include "yolovino/spellings.hpp"

#include "base/api_call.hpp"
#include "base/fail.hpp"
#include "engine/model/format.hpp"
#include "engine/model/runtimes.hpp"

namespace yolovino::engine {

RuntimeChoice choose_runtime(ModelFormat format, Runtime requested, const std::filesystem::path& path) {
    const FormatRow& row = row_of(format);
    std::vector<Runtime> able = {row.default_runtime};
    for (const RuntimeRow& other : runtime_table()) {
        if (other.runtime != row.default_runtime && other.runs(format)) able.push_back(other.runtime);
    }
    if (std::ranges::find(able, requested) != able.end()) return {requested, {}};
    if (requested != Runtime::Auto) {
        std::vector<std::string_view> names;
        std::ranges::transform(able, std::back_inserter(names), [](Runtime each) { return name_of(each); });
        throw Error(ErrorCode::InvalidArgument, "model",
                    fmt::format("runtime={} does not run a file of this kind ({}), wanted auto or {}",
                                name_of(requested), row.text, fmt::join(names, " or ")),
                    {.file = path.string()});
    }
    // OpenVINO is always there; of the others only that is loaded which another could stand in for.
    if (row.default_runtime == Runtime::OpenVino || able.size() == 1) return {row.default_runtime, {}};
    try {
        static_cast<void>(row_of(row.default_runtime).version());
        return {row.default_runtime, {}};
    } catch (const Error& e) {
        return {able[1], e.message()};
    }
}

}  // namespace yolovino::engine

namespace yolovino {

std::vector<RuntimeInfo> available_runtimes() {
    return base::api_call("runtime", [] {
        std::vector<RuntimeInfo> infos;
        for (const engine::RuntimeRow& row : engine::runtime_table()) {
            if (row.runtime == Runtime::Remote) continue;  // nothing of this machine
            RuntimeInfo info{.name = std::string(row.title), .version = {}, .missing = {}};
            try {
                info.version = row.version();
            } catch (const Error& e) {
                info.missing = e.hint().empty() ? e.message() : fmt::format("{}; {}", e.message(), e.hint());
            }
            infos.push_back(std::move(info));
        }
        return infos;
    });
}

}  // namespace yolovino
