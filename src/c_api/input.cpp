#include "c_api/input.hpp"

#include <fmt/format.h>
#include <string_view>

#include "yolovino/error.hpp"

#include "c_api/call.hpp"

namespace yolovino::c_api {

namespace {

/// @param wanted size of the structure in version 1.0: programs of that time stay right when it has grown
void expect_size(std::uint32_t size, std::size_t wanted, std::string_view name) {
    if (size >= wanted) return;
    throw Error(ErrorCode::InvalidArgument, "c",
                fmt::format("{}.size is {}, wanted sizeof({}) = {}", name, size, name, wanted), {},
                "set size before the call");
}

}  // namespace

ImageView view_of(const yv_image* image) {
    expect(image, "image");
    expect_size(image->size, sizeof(yv_image), "yv_image");
    expect(image->data, "the data of the image");
    if (image->format < YV_BGR || image->format > YV_GRAY) {
        throw Error(ErrorCode::InvalidArgument, "c",
                    fmt::format("the format of the image is {}, wanted {} (YV_BGR) to {} (YV_GRAY)", image->format,
                                static_cast<int>(YV_BGR), static_cast<int>(YV_GRAY)));
    }
    return {image->data, image->height, image->width, image->stride, static_cast<PixelFormat>(image->format)};
}

std::span<const std::byte> bytes_of(const void* bytes, std::size_t count) {
    if (count > 0) expect(bytes, "the bytes of the image");
    return {static_cast<const std::byte*>(bytes), count};
}

Image image_of(const yv_input* input) {
    expect(input, "input");
    expect_size(input->size, sizeof(yv_input), "yv_input");
    if ((input->encoded == nullptr) == (input->image == nullptr)) {
        throw Error(ErrorCode::InvalidArgument, "c",
                    input->image == nullptr ? "the input has neither encoded bytes nor an image"
                                            : "the input has both encoded bytes and an image, wanted one of them");
    }
    if (input->image != nullptr) return Image(view_of(input->image));
    return Image::decode(bytes_of(input->encoded, input->encoded_bytes));
}

const yv_input* input_at(const yv_input* inputs, std::size_t index) {
    expect_size(inputs->size, sizeof(yv_input), "yv_input");
    const auto* first = reinterpret_cast<const std::byte*>(inputs);
    return reinterpret_cast<const yv_input*>(first + index * inputs->size);
}

}  // namespace yolovino::c_api
