#include "scan/names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "checkpoint/hostile_names.hpp"

namespace yolovino::scan {

namespace {

using enum NameVerdict;

constexpr Judgement kCalls{Dangerous, "runs code of the file's choice"};
constexpr Judgement kSystem{Dangerous, "reaches the operating system"};
constexpr Judgement kConnects{Dangerous, "opens connections"};
constexpr Judgement kLoads{Dangerous, "loads another pickle or library"};
constexpr Judgement kReaches{Dangerous, "reaches any attribute of any object"};
constexpr Judgement kCallsGiven{Unknown, "calls what it is given"};
constexpr Judgement kUnknown{Unknown, "in none of the lists"};

struct Name {
    std::string_view module;
    std::string_view name;
};

constexpr std::array<std::string_view, 20> kHarmlessBuiltins{
    "set", "frozenset", "list",  "dict",  "tuple", "int",    "long",      "float",  "complex",        "bool",
    "str", "unicode",   "bytes", "slice", "range", "xrange", "bytearray", "object", "NotImplemented", "Ellipsis"};

constexpr std::array kNeeded{
    Name{"collections", "OrderedDict"},
    Name{"torch", "Size"},
    Name{"torch._utils", "_rebuild_tensor"},
    Name{"torch._utils", "_rebuild_tensor_v2"},
    Name{"torch._utils", "_rebuild_tensor_v3"},
    Name{"torch._utils", "_rebuild_parameter"},
    Name{"torch._utils", "_rebuild_parameter_with_state"},
    Name{"torch.nn.parameter", "Parameter"},
    Name{"__builtin__", "set"},
    Name{"builtins", "set"},
};

constexpr std::array kHarmless{
    Name{"collections", "Counter"},
    Name{"collections", "deque"},
    Name{"types", "SimpleNamespace"},
    Name{"argparse", "Namespace"},
    Name{"pathlib", "Path"},
    Name{"pathlib", "PosixPath"},
    Name{"pathlib", "WindowsPath"},
    Name{"pathlib", "PurePath"},
    Name{"pathlib", "PurePosixPath"},
    Name{"pathlib", "PureWindowsPath"},
    Name{"pathlib._local", "Path"},
    Name{"pathlib._local", "PosixPath"},
    Name{"pathlib._local", "WindowsPath"},
    Name{"pathlib._local", "PurePosixPath"},
    Name{"pathlib._local", "PureWindowsPath"},
    Name{"datetime", "datetime"},
    Name{"datetime", "date"},
    Name{"datetime", "time"},
    Name{"datetime", "timedelta"},
    Name{"datetime", "timezone"},
    Name{"decimal", "Decimal"},
    Name{"fractions", "Fraction"},
    Name{"_codecs", "encode"},
    Name{"re", "_compile"},
    Name{"array", "_array_reconstructor"},
    Name{"numpy.random", "__RandomState_ctor"},
    Name{"numpy.random._pickle", "__randomstate_ctor"},
    Name{"numpy.random._pickle", "__generator_ctor"},
    Name{"numpy.random._pickle", "__bit_generator_ctor"},
    Name{"numpy.core.numeric", "_frombuffer"},
    Name{"numpy._core.numeric", "_frombuffer"},
    Name{"torch", "device"},
    Name{"torch", "dtype"},
    Name{"torch", "Tensor"},
    Name{"torch.serialization", "_get_layout"},
    Name{"torch._utils", "_rebuild_qtensor"},
    Name{"torch._utils", "_rebuild_sparse_tensor"},
    Name{"torch._utils", "_rebuild_nested_tensor"},
    Name{"torch._utils", "_rebuild_meta_tensor_no_storage"},
    Name{"torch.storage", "UntypedStorage"},
    Name{"torch.storage", "TypedStorage"},
    Name{"torch.storage", "_UntypedStorage"},
    Name{"torch.storage", "_TypedStorage"},
    Name{"torch", "UntypedStorage"},
    Name{"numpy", "dtype"},
    Name{"numpy", "ndarray"},
    Name{"numpy.core.multiarray", "scalar"},
    Name{"numpy.core.multiarray", "_reconstruct"},
    Name{"numpy._core.multiarray", "scalar"},
    Name{"numpy._core.multiarray", "_reconstruct"},
    Name{"ultralytics.utils", "IterableSimpleNamespace"},
    Name{"ultralytics.yolo.utils", "IterableSimpleNamespace"},
    // torch.save(YOLO(...)) writes an instance, made without the constructor, with its callbacks.
    Name{"ultralytics.models.yolo.model", "YOLO"},
    Name{"ultralytics.yolo.engine.model", "YOLO"},
    // How a classifier that was trained prepares its images.
    Name{"torchvision.transforms.transforms", "Compose"},
    Name{"torchvision.transforms.transforms", "Resize"},
    Name{"torchvision.transforms.transforms", "CenterCrop"},
    Name{"torchvision.transforms.transforms", "ToTensor"},
    Name{"torchvision.transforms.transforms", "Normalize"},
    Name{"torchvision.transforms.functional", "InterpolationMode"},
};

/// Callbacks that do nothing; a YOLO object refers to them.
constexpr std::array<std::string_view, 25> kIdleCallbacks{"on_pretrain_routine_start",
                                                          "on_pretrain_routine_end",
                                                          "on_train_start",
                                                          "on_train_epoch_start",
                                                          "on_train_batch_start",
                                                          "optimizer_step",
                                                          "on_before_zero_grad",
                                                          "on_train_batch_end",
                                                          "on_train_epoch_end",
                                                          "on_fit_epoch_end",
                                                          "on_model_save",
                                                          "on_train_end",
                                                          "on_params_update",
                                                          "teardown",
                                                          "on_val_start",
                                                          "on_val_batch_start",
                                                          "on_val_batch_end",
                                                          "on_val_end",
                                                          "on_predict_start",
                                                          "on_predict_batch_start",
                                                          "on_predict_postprocess_end",
                                                          "on_predict_batch_end",
                                                          "on_predict_end",
                                                          "on_export_start",
                                                          "on_export_end"};

constexpr std::array<std::string_view, 13> kStorages{"Half",         "BFloat16",      "Float",      "Double", "Char",
                                                     "Byte",         "Short",         "Int",        "Long",   "Bool",
                                                     "ComplexFloat", "ComplexDouble", "ComplexHalf"};
constexpr std::array<std::string_view, 24> kDtypes{
    "float16",   "bfloat16",   "float32", "float64", "half",   "float",   "double",     "int8",
    "uint8",     "int16",      "int32",   "int64",   "short",  "int",     "long",       "bool",
    "complex64", "complex128", "qint8",   "quint8",  "qint32", "strided", "sparse_coo", "contiguous_format"};

/// Layers of the networks that this program builds. A pickle makes them without their constructors.
constexpr std::array kLayers = std::to_array<std::string_view>({"Conv2d",
                                                                "BatchNorm2d",
                                                                "SiLU",
                                                                "ModuleList",
                                                                "Sequential",
                                                                "MaxPool2d",
                                                                "Upsample",
                                                                "Conv",
                                                                "C2f",
                                                                "Bottleneck",
                                                                "SPPF",
                                                                "DFL",
                                                                "Concat",
                                                                "DWConv",
                                                                "Identity",
                                                                "C3",
                                                                "C3k",
                                                                "C3k2",
                                                                "Attention",
                                                                "PSABlock",
                                                                "PSA",
                                                                "C2PSA",
                                                                "C2fPSA",
                                                                "AAttn",
                                                                "ABlock",
                                                                "A2C2f",
                                                                "SCDown",
                                                                "CIB",
                                                                "C2fCIB",
                                                                "RepVGGDW",
                                                                "RepConv",
                                                                "RepBottleneck",
                                                                "RepCSP",
                                                                "RepNCSPELAN4",
                                                                "ELAN1",
                                                                "AConv",
                                                                "ADown",
                                                                "SPPELAN",
                                                                "Silence",
                                                                "CBLinear",
                                                                "CBFuse",
                                                                "Detect",
                                                                "ConvTranspose2d",
                                                                "DetectionModel",
                                                                "Segment",
                                                                "Pose",
                                                                "OBB",
                                                                "Classify",
                                                                "Proto",
                                                                "Linear",
                                                                "AdaptiveAvgPool2d",
                                                                "Dropout",
                                                                "SegmentationModel",
                                                                "PoseModel",
                                                                "OBBModel",
                                                                "ClassificationModel"});

/// A model that was fused keeps one of its methods as its `forward`, in its state.
constexpr std::string_view kForward = "forward";
constexpr std::string_view kForwardPrefix = "forward_";
constexpr std::array<std::string_view, 4> kForwardMethods{kForward, "forward_fuse", "fuseforward", "forward_split"};

constexpr std::array<std::string_view, 5> kNetworkPackages{"torch.nn.modules", "torch.nn.parallel", "ultralytics.nn",
                                                           "ultralytics.utils.loss", "ultralytics.yolo.utils.loss"};

bool is_below(std::string_view module, std::string_view package) noexcept {
    return module.starts_with(package) && (module.size() == package.size() || module[package.size()] == '.');
}

bool is_identifier(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
}

Judgement of_harm(checkpoint::Harm harm) noexcept {
    switch (harm) {
        case checkpoint::Harm::Calls:
            return kCalls;
        case checkpoint::Harm::System:
            return kSystem;
        case checkpoint::Harm::Connects:
            return kConnects;
        case checkpoint::Harm::Loads:
            return kLoads;
        case checkpoint::Harm::Reaches:
            return kReaches;
        case checkpoint::Harm::None:
            break;
    }
    return kUnknown;
}

template <typename Names>
bool has_name(const Names& names, std::string_view module, std::string_view name) {
    return std::ranges::any_of(names, [&](const Name& each) { return each.module == module && each.name == name; });
}

template <typename Words>
bool contains(const Words& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

Judgement judge_builtin(std::string_view name) {
    if (checkpoint::harm_of("builtins", name) != checkpoint::Harm::None) return kCalls;
    if (name == "getattr") return {Unknown, "reaches an attribute"};
    if (contains(kHarmlessBuiltins, name)) return {Harmless, {}};
    return is_dunder(name) ? kReaches : kUnknown;
}

/// Whether a part of `a.b.c`, which Python 3 follows attribute by attribute, is a module or a dunder and so reaches
/// anything.
bool has_dangerous_part(std::string_view name) {
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('.'));
        if (is_dunder(part) || checkpoint::is_harmful_module(part) || part == "builtins" || part == "__builtin__")
            return true;
        name.remove_prefix(std::min(part.size() + 1, name.size()));
    }
    return false;
}

/// Whether the path, such as `torch.hub.load` behind any module, contains a harmful name: every way to split it into
/// package and name is tried.
bool leads_to_harm(std::string_view module, std::string_view name) {
    constexpr std::size_t kMaxParts = 16;
    const std::string path = std::string(module) + '.' + std::string(name);
    std::vector<std::size_t> begins{0};
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '.') begins.push_back(i + 1);
    }
    if (begins.size() > kMaxParts) return true;
    const std::string_view whole = path;
    for (std::size_t from = 0; from < begins.size(); ++from) {
        for (std::size_t to = from + 1; to < begins.size(); ++to) {
            const std::string_view package = whole.substr(begins[from], begins[to] - 1 - begins[from]);
            if (checkpoint::harm_of(package, whole.substr(begins[to])) != checkpoint::Harm::None) return true;
        }
    }
    return false;
}

/// Whether a name with dots leads through an imported module, or to a method of a library that reads and writes files.
bool leads_elsewhere(std::string_view module, std::string_view name) {
    constexpr std::array<std::string_view, 7> kLibraries{"numpy", "torch",  "torchvision", "pandas",
                                                         "PIL",   "polars", "pathlib"};
    return std::isupper(static_cast<unsigned char>(name.front())) == 0 ||
           std::ranges::any_of(kLibraries, [&](std::string_view each) { return is_below(module, each); });
}

bool is_storage(std::string_view name) {
    constexpr std::string_view kEnd = "Storage";
    return name.ends_with(kEnd) && contains(kStorages, name.substr(0, name.size() - kEnd.size()));
}

bool is_idle_callback(std::string_view module, std::string_view name) noexcept {
    return (module == "ultralytics.utils.callbacks.base" || module == "ultralytics.yolo.utils.callbacks.base") &&
           contains(kIdleCallbacks, name);
}

bool is_class_name(std::string_view name) {
    return is_identifier(name) && std::isupper(static_cast<unsigned char>(name.front())) != 0;
}

}  // namespace

bool is_network_class(std::string_view module) noexcept {
    return std::ranges::any_of(kNetworkPackages, [&](std::string_view each) { return is_below(module, each); });
}

bool may_be_dangerous(std::string_view module) {
    return checkpoint::may_be_harmful(module);
}

Judgement judge(std::string_view module, std::string_view name) {
    if (has_name(kNeeded, module, name)) return {Needed, {}};
    // Before the dangerous ones: some modules of a dangerous package hold harmless names.
    if (has_name(kHarmless, module, name) || is_idle_callback(module, name)) return {Harmless, {}};
    if (module == "builtins" || module == "__builtin__" || module == "__builtins__") {
        return name.find('.') == std::string_view::npos ? judge_builtin(name) : kReaches;
    }
    if (const auto harm = checkpoint::harm_of(module, name); harm != checkpoint::Harm::None) return of_harm(harm);
    if (has_dangerous_part(name)) return kReaches;
    const bool dotted = name.find('.') != std::string_view::npos;
    if (dotted && (leads_elsewhere(module, name) || leads_to_harm(module, name))) return kReaches;
    // Ultralytics moved the package, and still maps the old path to the new one.
    constexpr std::string_view kOldPackage = "ultralytics.yolo.";
    if (module.starts_with(kOldPackage)) {
        const std::string moved = "ultralytics." + std::string(module.substr(kOldPackage.size()));
        if (const auto harm = checkpoint::harm_of(moved, name); harm != checkpoint::Harm::None) return of_harm(harm);
    }
    if (use_of(module, name) != Use::Any && use_of(module, name) != Use::AsClass) return kCallsGiven;
    if (module == "torch" && is_storage(name)) return {Needed, {}};
    if (module == "torch" && contains(kDtypes, name)) return {Harmless, {}};
    if (is_network_class(module) && is_class_name(name)) return {contains(kLayers, name) ? Needed : Harmless, {}};
    if (is_below(module, "torch.optim") && is_class_name(name)) return {Harmless, {}};
    if (module == "numpy.dtypes" && is_class_name(name) && name.ends_with("DType")) return {Harmless, {}};
    if (is_below(module, "__torch__")) return {Unknown, "a class of the archive's own TorchScript code"};
    return kUnknown;
}

Use use_of(std::string_view module, std::string_view name) noexcept {
    if (name == "IterableSimpleNamespace" || is_idle_callback(module, name)) return Use::Any;
    if (is_network_class(module) || is_below(module, "torch.optim") || is_below(module, "ultralytics"))
        return Use::AsClass;
    if (name == "partial" && module == "functools") return Use::Partial;
    if (name == "getattr" && (module == "builtins" || module == "__builtin__")) return Use::Getattr;
    if (name == "_reconstructor" && (module == "copyreg" || module == "copy_reg")) return Use::Reconstructor;
    if (name == "_rebuild_from_type_v2" && (module == "torch._tensor" || module == "torch.tensor"))
        return Use::RebuildFromType;
    if (name == "_rebuild_parameter_with_state" && module == "torch._utils") return Use::RebuildWithState;
    if (name == "defaultdict" && module == "collections") return Use::DefaultFactory;
    return Use::Any;
}

bool is_dictionary(std::string_view module, std::string_view name) noexcept {
    if (module == "collections") return name == "OrderedDict" || name == "defaultdict" || name == "Counter";
    return name == "dict" && (module == "builtins" || module == "__builtin__");
}

bool is_list(std::string_view module, std::string_view name) noexcept {
    if (module == "collections") return name == "deque";
    return (name == "list" || name == "set" || name == "bytearray") &&
           (module == "builtins" || module == "__builtin__");
}

bool is_dunder(std::string_view name) noexcept {
    constexpr std::size_t kUnderscores = 4;
    return name.size() > kUnderscores && name.starts_with("__") && name.ends_with("__");
}

Judgement judge_attribute(std::string_view attribute) {
    if (contains(kForwardMethods, attribute)) return {Harmless, {}};
    if (!is_identifier(attribute) || has_dangerous_part(attribute)) return kReaches;
    return {Unknown, "reaches an attribute"};
}

bool is_interpolation_mode(std::string_view module, std::string_view name, std::string_view attribute) noexcept {
    constexpr std::array<std::string_view, 7> kModes{"NEAREST", "NEAREST_EXACT", "BILINEAR", "BICUBIC",
                                                     "BOX",     "HAMMING",       "LANCZOS"};
    return module == "torchvision.transforms.functional" && name == "InterpolationMode" && contains(kModes, attribute);
}

bool is_forward_key(std::string_view key) noexcept {
    return key == kForward || key.starts_with(kForwardPrefix);
}

}  // namespace yolovino::scan
