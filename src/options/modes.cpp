#include "options/modes.hpp"

#include <algorithm>

namespace yolovino::options {

const std::vector<ModeInfo>& modes() {
    static const std::vector<ModeInfo> kModes = {
        {Mode::Predict, "predict", "detect objects in images, videos, and streams",
         "yolo predict model=yolov8n.pt source=bus.jpg conf=0.25"},
        {Mode::Track, "track", "follow objects through videos and streams",
         "yolo track model=yolov8n.pt source=video.mp4 tracker=bytetrack.yaml"},
        {Mode::Val, "val", "measure accuracy on a dataset", "yolo val model=yolov8n.pt data=coco128.yaml imgsz=640"},
        {Mode::Export, "export",
         "write a checkpoint as TorchScript, ONNX, or OpenVINO; import a model of another framework",
         "yolo export model=yolov8n.pt format=openvino half=True"},
        {Mode::Benchmark, "benchmark", "compare size, accuracy, and speed of all formats",
         "yolo benchmark model=yolov8n.pt,yolov8s.pt data=coco128.yaml imgsz=640"},
        {Mode::Info, "info", "show what a model is", "yolo info model=yolov8n.pt verbose=True"},
        {Mode::Agree, "compare", "compare two devices, precisions, runtimes, or models on the same images",
         "yolo compare model=yolov8n.pt source=photos device=CPU,GPU", "agree"},
        {Mode::Serve, "serve", "answer images over HTTP", "yolo serve model=yolov8n.pt host=127.0.0.1 port=8000"},
    };
    return kModes;
}

const ModeInfo& describe(Mode mode) {
    return *std::ranges::find(modes(), mode, &ModeInfo::mode);
}

std::string_view area_of(Mode mode) {
    const ModeInfo& info = describe(mode);
    return info.alias.empty() ? info.name : info.alias;
}

std::optional<Mode> find_mode(std::string_view name) {
    const auto is_named = [&](const ModeInfo& each) {
        return each.name == name || (!each.alias.empty() && each.alias == name);
    };
    const auto found = std::ranges::find_if(modes(), is_named);
    if (found == modes().end()) return std::nullopt;
    return found->mode;
}

std::vector<std::string> mode_names() {
    std::vector<std::string> names;
    for (const ModeInfo& each : modes()) names.emplace_back(each.name);
    return names;
}

}  // namespace yolovino::options
