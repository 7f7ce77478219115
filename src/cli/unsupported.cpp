#include "cli/unsupported.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace yolovino::cli {

namespace {

struct Unsupported {
    std::string_view key;
    std::string_view reason;
};

constexpr std::string_view kTraining = "of the training";

// The keys of 8.4.190's default.yaml that have no effect here, and those that it still accepts.
constexpr auto kUnsupported = std::to_array<Unsupported>({
    {"epochs", kTraining},
    {"time", kTraining},
    {"patience", kTraining},
    {"save_period", kTraining},
    {"pretrained", kTraining},
    {"cls_remap", kTraining},
    {"optimizer", kTraining},
    {"seed", kTraining},
    {"deterministic", kTraining},
    {"cos_lr", kTraining},
    {"close_mosaic", kTraining},
    {"resume", kTraining},
    {"amp", kTraining},
    {"profile", kTraining},
    {"freeze", kTraining},
    {"multi_scale", kTraining},
    {"mask_ratio", kTraining},
    {"dropout", kTraining},
    {"val", kTraining},
    {"lr0", kTraining},
    {"lrf", kTraining},
    {"momentum", kTraining},
    {"weight_decay", kTraining},
    {"warmup_epochs", kTraining},
    {"warmup_momentum", kTraining},
    {"warmup_bias_lr", kTraining},
    {"distill_model", kTraining},
    {"dis", kTraining},
    {"box", kTraining},
    {"cls", kTraining},
    {"cls_pw", kTraining},
    {"dfl", kTraining},
    {"pose", kTraining},
    {"kobj", kTraining},
    {"rle", kTraining},
    {"angle", kTraining},
    {"dlog", kTraining},
    {"dgrad", kTraining},
    {"dlam", kTraining},
    {"nbs", kTraining},
    {"hsv_h", kTraining},
    {"hsv_s", kTraining},
    {"hsv_v", kTraining},
    {"degrees", kTraining},
    {"translate", kTraining},
    {"scale", kTraining},
    {"shear", kTraining},
    {"perspective", kTraining},
    {"flipud", kTraining},
    {"fliplr", kTraining},
    {"bgr", kTraining},
    {"mosaic", kTraining},
    {"mixup", kTraining},
    {"cutmix", kTraining},
    {"copy_paste", kTraining},
    {"copy_paste_mode", kTraining},
    {"auto_augment", kTraining},
    {"erasing", kTraining},
    {"cache", "images are read once, when they are needed"},
    {"compile", "of torch.compile; the runtimes here compile every network"},
    {"channels_last", "of PyTorch's memory; the runtimes here choose it"},
    {"dnn", "of OpenCV's DNN module; runtime= chooses what runs an .onnx"},
    {"workspace", "of TensorRT"},
});

// Arguments that have an effect in some of the modes where Ultralytics has one.
constexpr auto kPartly = std::to_array<Unsupported>({
    {"visualize", "val: hits and misses are not drawn image by image"},
    {"embed", "track: it finds no objects to follow"},
});

const Unsupported* find_unsupported(std::string_view key) {
    const auto* const found = std::ranges::find(kUnsupported, key, &Unsupported::key);
    return found == kUnsupported.end() ? nullptr : found;
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
    return std::ranges::find(keys, key) != keys.end();
}

}  // namespace

bool is_unsupported(std::string_view key) {
    return find_unsupported(key) != nullptr;
}

std::string_view reason_of(std::string_view key) {
    if (const Unsupported* row = find_unsupported(key)) return row->reason;
    const auto* const partly = std::ranges::find(kPartly, key, &Unsupported::key);
    return partly == kPartly.end() ? std::string_view() : partly->reason;
}

bool would_matter(std::string_view key, Mode mode) {
    switch (mode) {
        case Mode::Predict:
            return is_one_of(key, {"dnn"});
        case Mode::Track:
            return is_one_of(key, {"dnn", "embed"});
        case Mode::Val:
            return is_one_of(key, {"dnn", "visualize"});
        case Mode::Export:
        case Mode::Benchmark:
        case Mode::Info:
        case Mode::Agree:
        case Mode::Serve:
            break;
    }
    return false;
}

}  // namespace yolovino::cli
