#include "vision/encode.hpp"

#include <fmt/format.h>
#include <string>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/text.hpp"

namespace yolovino::vision {

void save_image(const Image& image, const std::filesystem::path& path) {
    const std::string suffix = base::to_lower(path.extension().string());
    if (suffix == ".jpg" || suffix == ".jpeg") return base::write_file(path, encode_jpeg(image));
    if (suffix == ".png") return base::write_file(path, encode_png(image));
    throw Error(ErrorCode::InvalidArgument, "image",
                fmt::format("images are not written as '{}'", base::printable(suffix)), {.file = path.string()},
                "use .jpg, .jpeg, or .png");
}

}  // namespace yolovino::vision
