#include "yolovino/encode.hpp"

#include "yolovino/error.hpp"

#include "base/api_call.hpp"
#include "vision/encode.hpp"

namespace yolovino {

std::vector<std::byte> encode_jpeg(const Image& image) {
    return base::api_call("image", [&] {
        if (image.empty()) throw Error(ErrorCode::InvalidArgument, "image", "there are no pixels to encode");
        return vision::encode_jpeg(image);
    });
}

}  // namespace yolovino
