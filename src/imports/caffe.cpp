#include "imports/caffe.hpp"

#include "yolovino/error.hpp"

#include "base/log.hpp"
#include "base/module_loader.hpp"

namespace yolovino::imports {

namespace fs = std::filesystem;

LayerList read_caffe(const fs::path& file) {
    const fs::path prototxt = fs::path(file).replace_extension(".prototxt");
    const fs::path weights = fs::path(file).replace_extension(".caffemodel");
    for (const fs::path& part : {prototxt, weights}) {
        std::error_code ignored;
        if (fs::exists(part, ignored)) continue;
        throw Error(ErrorCode::NotFound, "import", "no such file", {.file = part.string()},
                    "a Caffe model is a .prototxt and a .caffemodel of the same name, side by side");
    }
    static const auto read =
        reinterpret_cast<ReadCaffeFunction>(base::load_module_symbol("caffe", "yolovino_read_caffe"));
    LayerList list;
    list.file = file.string();
    read(prototxt, weights, list, [](std::string_view line) { base::debug("{}", line); });
    return list;
}

}  // namespace yolovino::imports
