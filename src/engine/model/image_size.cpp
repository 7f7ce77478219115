#include "engine/model/image_size.hpp"

#include <fmt/format.h>

#include "base/fail.hpp"
#include "base/log.hpp"
#include "options/schema.hpp"

namespace yolovino::engine {

ImageSize round_up_to_stride(ImageSize imgsz, int stride) {
    const auto round = [&](int side) {
        if (side < 1 || side > options::kMaxImgszPx) {
            throw Error(ErrorCode::InvalidArgument, "imgsz",
                        fmt::format("dimension of {} px, wanted 1 to {}", side, options::kMaxImgszPx));
        }
        return (side + stride - 1) / stride * stride;
    };
    const ImageSize rounded = {round(imgsz.height), round(imgsz.width)};
    if (rounded != imgsz) {
        const auto text = [](ImageSize size) {
            return size.height == size.width ? fmt::format("[{}]", size.height)
                                             : fmt::format("[{}, {}]", size.height, size.width);
        };
        base::warn("imgsz={} must be multiple of max stride {}, updating to {}", text(imgsz), stride, text(rounded));
    }
    return rounded;
}

std::string with_thousands(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

}  // namespace yolovino::engine
