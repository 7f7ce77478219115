#include "vision/text.hpp"

#include "base/module_loader.hpp"

namespace yolovino::vision {

TextMask render_text(std::string_view text, int size_px) {
    static const auto render =
        reinterpret_cast<RenderTextFunction>(base::load_module_symbol("text", "yolovino_render_text"));
    TextMask mask;
    render(text, size_px, mask);
    return mask;
}

}  // namespace yolovino::vision
