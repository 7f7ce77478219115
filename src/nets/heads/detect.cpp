#include "nets/heads/detect.hpp"

#include "nets/heads/anchored.hpp"

namespace yolovino::nets {

HeadInfo read_detect(const checkpoint::Checkpoint& checkpoint, const Module& module, const std::string& path) {
    return read_anchored(checkpoint, module, path);
}

std::vector<HeadOutput> build_detect(Builder& builder, const Module& module, const std::string& path,
                                     const std::vector<Value>& inputs) {
    const HeadInfo head = read_detect(builder.checkpoint(), module, path);
    const Anchored anchored = build_anchored(builder, module, path, head, inputs);
    const Value boxes = decode_boxes(builder, path, anchored);
    const Value scores = decode_scores(builder, path, anchored);
    return {box_output(builder, path, {.boxes = boxes, .scores = scores, .more = {}})};
}

std::optional<std::string> detect_arguments(const Module& module) {
    return anchored_arguments(module);
}

/// The rows of the table, which declares them.
Head detect_head() {
    return {"Detect", read_detect, build_detect, detect_arguments};
}
Head v10_detect_head() {
    return {"v10Detect", read_detect, build_detect, detect_arguments};
}

}  // namespace yolovino::nets
