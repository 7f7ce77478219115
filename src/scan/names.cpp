#include "scan/names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_set>

namespace yolovino::scan {

namespace {

using enum NameVerdict;

constexpr Judgement kCalls{Dangerous, "runs code of the file's choice"};
constexpr Judgement kSystem{Dangerous, "reaches the operating system"};
constexpr Judgement kConnects{Dangerous, "opens connections"};
constexpr Judgement kLoads{Dangerous, "loads another pickle or library"};
constexpr Judgement kReaches{Dangerous, "reaches any attribute of any object"};
constexpr Judgement kUnknown{Unknown, "in none of the lists"};

struct Package {
    std::string_view name;
    Judgement judgement;
};
/// A module and all below it.
constexpr std::array kPackages{
    Package{"os", kSystem},
    Package{"posix", kSystem},
    Package{"nt", kSystem},
    Package{"posixpath", kSystem},
    Package{"ntpath", kSystem},
    Package{"sys", kSystem},
    Package{"subprocess", kSystem},
    Package{"_posixsubprocess", kSystem},
    Package{"_winapi", kSystem},
    Package{"_winreg", kSystem},
    Package{"winreg", kSystem},
    Package{"commands", kSystem},
    Package{"popen2", kSystem},
    Package{"pty", kSystem},
    Package{"shutil", kSystem},
    Package{"tempfile", kSystem},
    Package{"fileinput", kSystem},
    Package{"linecache", kSystem},
    Package{"glob", kSystem},
    Package{"io", kSystem},
    Package{"_io", kSystem},
    Package{"mmap", kSystem},
    Package{"fcntl", kSystem},
    Package{"resource", kSystem},
    Package{"signal", kSystem},
    Package{"_signal", kSystem},
    Package{"platform", kSystem},
    Package{"psutil", kSystem},
    Package{"sh", kSystem},
    Package{"pexpect", kSystem},
    Package{"sqlite3", kSystem},
    Package{"multiprocessing", kSystem},
    Package{"concurrent", kSystem},
    Package{"threading", kSystem},
    Package{"_thread", kSystem},
    Package{"asyncio", kSystem},
    Package{"ctypes", kSystem},
    Package{"_ctypes", kSystem},
    Package{"cffi", kSystem},
    Package{"zipfile", kSystem},
    Package{"tarfile", kSystem},
    Package{"webbrowser", kSystem},
    Package{"antigravity", kSystem},
    Package{"venv", kSystem},
    Package{"ensurepip", kSystem},
    Package{"pip", kSystem},
    Package{"setuptools", kSystem},
    Package{"distutils", kSystem},
    Package{"pkg_resources", kSystem},
    Package{"runpy", kCalls},
    Package{"code", kCalls},
    Package{"codeop", kCalls},
    Package{"pdb", kCalls},
    Package{"bdb", kCalls},
    Package{"cProfile", kCalls},
    Package{"profile", kCalls},
    Package{"trace", kCalls},
    Package{"timeit", kCalls},
    Package{"doctest", kCalls},
    Package{"unittest", kCalls},
    Package{"pytest", kCalls},
    Package{"_pytest", kCalls},
    Package{"test", kCalls},
    Package{"idlelib", kCalls},
    Package{"lib2to3", kCalls},
    Package{"pydoc", kCalls},
    Package{"IPython", kCalls},
    Package{"cgitb", kCalls},
    Package{"atexit", kCalls},
    Package{"sched", kCalls},
    Package{"tkinter", kCalls},
    Package{"_tkinter", kCalls},
    Package{"logging", kCalls},
    Package{"importlib", kLoads},
    Package{"_frozen_importlib", kLoads},
    Package{"_frozen_importlib_external", kLoads},
    Package{"imp", kLoads},
    Package{"_imp", kLoads},
    Package{"zipimport", kLoads},
    Package{"pkgutil", kLoads},
    Package{"site", kLoads},
    Package{"pickle", kLoads},
    Package{"_pickle", kLoads},
    Package{"cPickle", kLoads},
    Package{"pickletools", kLoads},
    Package{"cloudpickle", kLoads},
    Package{"jsonpickle", kLoads},
    Package{"joblib", kLoads},
    Package{"dill", kLoads},
    Package{"shelve", kLoads},
    Package{"dbm", kLoads},
    Package{"marshal", kLoads},
    Package{"yaml", kLoads},
    Package{"torch.hub", kLoads},
    Package{"torch.jit", kLoads},
    Package{"torch.package", kLoads},
    Package{"torch.ops", kLoads},
    Package{"torch._ops", kLoads},
    Package{"torch.classes", kLoads},
    Package{"torch._classes", kLoads},
    Package{"torch.serialization", kLoads},
    Package{"torch._weights_only_unpickler", kLoads},
    Package{"torch.utils.cpp_extension", kSystem},
    Package{"torch.utils.collect_env", kSystem},
    Package{"torch.utils.bottleneck", kCalls},
    Package{"torch.utils.data.datapipes", kCalls},
    Package{"torch.utils._config_module", kLoads},
    Package{"torch.utils.model_zoo", kConnects},
    Package{"torch.testing", kCalls},
    Package{"torch.fx", kCalls},
    Package{"torch._inductor", kSystem},
    Package{"torch._dynamo", kCalls},
    Package{"torch.distributed", kConnects},
    Package{"torch.multiprocessing", kSystem},
    Package{"torch.cuda._memory_viz", kLoads},
    Package{"numpy.testing", kCalls},
    Package{"numpy.f2py", kCalls},
    Package{"numpy.distutils", kSystem},
    Package{"numpy.ctypeslib", kSystem},
    Package{"numpy.lib", kLoads},
    Package{"socket", kConnects},
    Package{"_socket", kConnects},
    Package{"socketserver", kConnects},
    Package{"SocketServer", kConnects},
    Package{"ssl", kConnects},
    Package{"http", kConnects},
    Package{"httplib", kConnects},
    Package{"httplib2", kConnects},
    Package{"urllib", kConnects},
    Package{"urllib2", kConnects},
    Package{"urllib3", kConnects},
    Package{"requests", kConnects},
    Package{"httpx", kConnects},
    Package{"aiohttp", kConnects},
    Package{"ftplib", kConnects},
    Package{"smtplib", kConnects},
    Package{"smtpd", kConnects},
    Package{"telnetlib", kConnects},
    Package{"poplib", kConnects},
    Package{"imaplib", kConnects},
    Package{"nntplib", kConnects},
    Package{"xmlrpc", kConnects},
    Package{"paramiko", kConnects},
    Package{"fabric", kConnects},
    Package{"websocket", kConnects},
    Package{"websockets", kConnects},
    Package{"boto3", kConnects},
    Package{"huggingface_hub", kConnects},
    Package{"ultralytics.hub", kConnects},
    Package{"ultralytics.utils.downloads", kConnects},
    Package{"ultralytics.utils.checks", kSystem},
    Package{"operator", kReaches},
    Package{"_operator", kReaches},
    Package{"inspect", kReaches},
    Package{"gc", kReaches},
};

struct Name {
    std::string_view module;
    std::string_view name;
    Judgement judgement;
};
/// Names in modules that hold others, too.
constexpr std::array kDangerousNames{
    Name{"types", "CodeType", kCalls},
    Name{"types", "FunctionType", kCalls},
    Name{"types", "LambdaType", kCalls},
    Name{"types", "MethodType", kCalls},
    Name{"types", "ModuleType", kLoads},
    Name{"types", "DynamicClassAttribute", kCalls},
    Name{"functools", "reduce", kCalls},
    Name{"_functools", "reduce", kCalls},
    Name{"functools", "singledispatch", kCalls},
    Name{"copyreg", "__newobj__", kCalls},
    Name{"copyreg", "add_extension", kLoads},
    Name{"torch", "load", kLoads},
    Name{"torch", "compile", kCalls},
    Name{"torch", "save", kSystem},
    Name{"torch", "from_file", kSystem},
    Name{"torch.storage", "_load_from_bytes", kLoads},
    Name{"torch", "_utils_internal", kLoads},
    Name{"torch.functional", "torch", kReaches},
    Name{"numpy", "load", kLoads},
    Name{"numpy", "loadtxt", kSystem},
    Name{"numpy", "genfromtxt", kSystem},
    Name{"numpy", "fromfile", kSystem},
    Name{"numpy", "memmap", kSystem},
    Name{"numpy", "save", kSystem},
    Name{"numpy", "savez", kSystem},
    Name{"numpy", "savetxt", kSystem},
    Name{"numpy", "vectorize", kCalls},
    Name{"numpy", "apply_along_axis", kCalls},
    Name{"numpy", "frompyfunc", kCalls},
    Name{"ultralytics.nn.tasks", "parse_model", kCalls},
    Name{"ultralytics.nn.tasks", "attempt_load_weights", kLoads},
    Name{"ultralytics.nn.tasks", "attempt_load_one_weight", kLoads},
    Name{"ultralytics.nn.tasks", "load_checkpoint", kLoads},
    Name{"ultralytics.nn.tasks", "torch_safe_load", kLoads},
    Name{"ultralytics.nn.tasks", "temporary_modules", kLoads},
    Name{"ultralytics", "YOLO", kLoads},
};

constexpr std::array<std::string_view, 26> kDangerousBuiltins{
    "eval",       "exec",        "execfile",     "compile", "__import__",      "open",
    "file",       "globals",     "locals",       "vars",    "apply",           "input",
    "raw_input",  "breakpoint",  "setattr",      "delattr", "reload",          "intern",
    "memoryview", "classmethod", "staticmethod", "super",   "__build_class__", "help",
    "exit",       "quit"};

constexpr std::array<std::string_view, 20> kHarmlessBuiltins{
    "set", "frozenset", "list",  "dict",  "tuple", "int",    "long",      "float",  "complex",        "bool",
    "str", "unicode",   "bytes", "slice", "range", "xrange", "bytearray", "object", "NotImplemented", "Ellipsis"};

constexpr std::array kNeeded{
    Name{"collections", "OrderedDict", {}},
    Name{"torch", "Size", {}},
    Name{"torch._utils", "_rebuild_tensor", {}},
    Name{"torch._utils", "_rebuild_tensor_v2", {}},
    Name{"torch._utils", "_rebuild_tensor_v3", {}},
    Name{"torch._utils", "_rebuild_parameter", {}},
    Name{"torch._utils", "_rebuild_parameter_with_state", {}},
    Name{"torch.nn.parameter", "Parameter", {}},
    Name{"__builtin__", "set", {}},
    Name{"builtins", "set", {}},
};

constexpr std::array kHarmless{
    Name{"collections", "defaultdict", {}},
    Name{"collections", "Counter", {}},
    Name{"collections", "deque", {}},
    Name{"types", "SimpleNamespace", {}},
    Name{"argparse", "Namespace", {}},
    Name{"pathlib", "Path", {}},
    Name{"pathlib", "PosixPath", {}},
    Name{"pathlib", "WindowsPath", {}},
    Name{"pathlib", "PurePath", {}},
    Name{"pathlib", "PurePosixPath", {}},
    Name{"pathlib", "PureWindowsPath", {}},
    Name{"pathlib._local", "Path", {}},
    Name{"pathlib._local", "PosixPath", {}},
    Name{"pathlib._local", "WindowsPath", {}},
    Name{"pathlib._local", "PurePosixPath", {}},
    Name{"pathlib._local", "PureWindowsPath", {}},
    Name{"datetime", "datetime", {}},
    Name{"datetime", "date", {}},
    Name{"datetime", "time", {}},
    Name{"datetime", "timedelta", {}},
    Name{"datetime", "timezone", {}},
    Name{"decimal", "Decimal", {}},
    Name{"fractions", "Fraction", {}},
    Name{"functools", "partial", {}},
    Name{"_codecs", "encode", {}},
    Name{"copy_reg", "_reconstructor", {}},
    Name{"copyreg", "_reconstructor", {}},
    Name{"torch", "device", {}},
    Name{"torch", "dtype", {}},
    Name{"torch", "Tensor", {}},
    Name{"torch.serialization", "_get_layout", {}},
    Name{"torch._tensor", "_rebuild_from_type_v2", {}},
    Name{"torch._utils", "_rebuild_qtensor", {}},
    Name{"torch._utils", "_rebuild_sparse_tensor", {}},
    Name{"torch._utils", "_rebuild_nested_tensor", {}},
    Name{"torch._utils", "_rebuild_meta_tensor_no_storage", {}},
    Name{"torch.storage", "UntypedStorage", {}},
    Name{"torch.storage", "TypedStorage", {}},
    Name{"torch.storage", "_UntypedStorage", {}},
    Name{"torch.storage", "_TypedStorage", {}},
    Name{"torch", "UntypedStorage", {}},
    Name{"numpy", "dtype", {}},
    Name{"numpy", "ndarray", {}},
    Name{"numpy.core.multiarray", "scalar", {}},
    Name{"numpy.core.multiarray", "_reconstruct", {}},
    Name{"numpy._core.multiarray", "scalar", {}},
    Name{"numpy._core.multiarray", "_reconstruct", {}},
    Name{"ultralytics.utils", "IterableSimpleNamespace", {}},
    Name{"ultralytics.yolo.utils", "IterableSimpleNamespace", {}},
};

constexpr std::array<std::string_view, 13> kStorages{"Half",         "BFloat16",      "Float",      "Double", "Char",
                                                     "Byte",         "Short",         "Int",        "Long",   "Bool",
                                                     "ComplexFloat", "ComplexDouble", "ComplexHalf"};
constexpr std::array<std::string_view, 24> kDtypes{
    "float16",   "bfloat16",   "float32", "float64", "half",   "float",   "double",     "int8",
    "uint8",     "int16",      "int32",   "int64",   "short",  "int",     "long",       "bool",
    "complex64", "complex128", "qint8",   "quint8",  "qint32", "strided", "sparse_coo", "contiguous_format"};

/// Layers of the networks that this program builds; their constructors are not run when a pickle makes them.
constexpr std::array<std::string_view, 16> kLayers{
    "Conv2d", "BatchNorm2d", "SiLU", "ModuleList", "Sequential", "MaxPool2d", "Upsample",        "Conv",
    "C2f",    "Bottleneck",  "SPPF", "DFL",        "Concat",     "Detect",    "ConvTranspose2d", "DetectionModel"};

constexpr std::array<std::string_view, 4> kNetworkPackages{"torch.nn.modules", "ultralytics.nn",
                                                           "ultralytics.utils.loss", "ultralytics.yolo.utils.loss"};

bool is_below(std::string_view module, std::string_view package) noexcept {
    return module.starts_with(package) && (module.size() == package.size() || module[package.size()] == '.');
}

bool is_identifier(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
}

const Judgement* of_package(std::string_view module) {
    const auto* found =
        std::ranges::find_if(kPackages, [&](const Package& each) { return is_below(module, each.name); });
    return found == kPackages.end() ? nullptr : &found->judgement;
}

template <typename Names>
const Name* find(const Names& names, std::string_view module, std::string_view name) {
    const auto* found =
        std::ranges::find_if(names, [&](const Name& each) { return each.module == module && each.name == name; });
    return found == names.end() ? nullptr : found;
}

template <typename Words>
bool holds(const Words& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

bool is_dunder(std::string_view word) noexcept {
    return word.size() > 4 && word.starts_with("__") && word.ends_with("__");
}

Judgement judge_builtin(std::string_view name) {
    if (holds(kDangerousBuiltins, name)) return kCalls;
    if (name == "getattr") return {Unknown, "reaches an attribute"};
    if (holds(kHarmlessBuiltins, name)) return {Harmless, {}};
    return is_dunder(name) ? kReaches : kUnknown;
}

/// Each part of `a.b.c` as Python 3 walks it: a module or a dunder among them leads anywhere.
bool has_dangerous_part(std::string_view name) {
    while (!name.empty()) {
        const std::string_view part = name.substr(0, name.find('.'));
        if (is_dunder(part) || of_package(part) != nullptr || part == "builtins" || part == "__builtin__") return true;
        name.remove_prefix(std::min(part.size() + 1, name.size()));
    }
    return false;
}

bool is_storage(std::string_view name) {
    constexpr std::string_view kEnd = "Storage";
    return name.ends_with(kEnd) && holds(kStorages, name.substr(0, name.size() - kEnd.size()));
}

bool is_class_name(std::string_view name) {
    return is_identifier(name) && std::isupper(static_cast<unsigned char>(name.front())) != 0;
}

}  // namespace

bool may_be_dangerous(std::string_view module) {
    const auto first_word = [](std::string_view text) { return text.substr(0, text.find('.')); };
    static const std::unordered_set<std::string_view> kFirstWords = [&] {
        std::unordered_set<std::string_view> words{"builtins", "__builtin__"};
        for (const Package& each : kPackages) words.insert(first_word(each.name));
        for (const Name& each : kDangerousNames) words.insert(first_word(each.module));
        return words;
    }();
    return kFirstWords.contains(first_word(module));
}

bool is_network_class(std::string_view module) noexcept {
    return std::ranges::any_of(kNetworkPackages, [&](std::string_view each) { return is_below(module, each); });
}

Judgement judge(std::string_view module, std::string_view name) {
    if (find(kNeeded, module, name) != nullptr) return {Needed, {}};
    // Before the packages: some modules of a dangerous package hold harmless names.
    if (find(kHarmless, module, name) != nullptr) return {Harmless, {}};
    if (module == "builtins" || module == "__builtin__") {
        return name.find('.') == std::string_view::npos ? judge_builtin(name) : kReaches;
    }
    if (const Judgement* package = of_package(module)) return *package;
    if (const Name* found = find(kDangerousNames, module, name)) return found->judgement;
    if (has_dangerous_part(name)) return kReaches;
    if (module == "torch" && is_storage(name)) return {Needed, {}};
    if (module == "torch" && holds(kDtypes, name)) return {Harmless, {}};
    if (is_network_class(module) && is_class_name(name)) return {holds(kLayers, name) ? Needed : Harmless, {}};
    if (is_below(module, "torch.optim") && is_class_name(name)) return {Harmless, {}};
    if (module == "numpy.dtypes" && is_class_name(name) && name.ends_with("DType")) return {Harmless, {}};
    if (is_below(module, "__torch__")) return {Unknown, "a class of the archive's own TorchScript code"};
    return kUnknown;
}

Judgement judge_attribute(std::string_view attribute) {
    // Fused models keep their replaced forward as a bound method.
    constexpr std::array<std::string_view, 4> kForward{"forward", "forward_fuse", "fuseforward", "forward_split"};
    if (holds(kForward, attribute)) return {Harmless, {}};
    if (!is_identifier(attribute) || has_dangerous_part(attribute)) return kReaches;
    return {Unknown, "reaches an attribute"};
}

}  // namespace yolovino::scan
