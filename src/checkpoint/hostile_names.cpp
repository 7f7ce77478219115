#include "checkpoint/hostile_names.hpp"

#include <algorithm>
#include <iterator>
#include <unordered_set>

namespace yolovino::checkpoint {

namespace {

using enum Harm;
constexpr bool kRefused = true;

struct Row {
    std::string_view module;
    std::string_view name;  ///< empty: the module, all of its names, and all modules below it
    Harm harm = None;
    bool refused = false;  ///< whether no network can need it: the reader refuses the file
};
/// The one list of what harms whoever loads a pickle in Python. What may stand in an honest file, though it can do
/// harm, is not refused: the audit reports it.
constexpr Row kRows[] = {
    {"os", "", System, kRefused},
    {"posix", "", System, kRefused},
    {"nt", "", System, kRefused},
    {"posixpath", "", System},
    {"ntpath", "", System},
    {"sys", "", System, kRefused},
    {"subprocess", "", System, kRefused},
    {"_posixsubprocess", "", System, kRefused},
    {"_winapi", "", System},
    {"_winreg", "", System},
    {"winreg", "", System, kRefused},
    {"commands", "", System, kRefused},
    {"popen2", "", System, kRefused},
    {"pty", "", System, kRefused},
    {"shutil", "", System, kRefused},
    {"tempfile", "", System},
    {"fileinput", "", System},
    {"linecache", "", System},
    {"glob", "", System},
    {"io", "", System},
    {"_io", "", System},
    {"mmap", "", System},
    {"fcntl", "", System},
    {"resource", "", System},
    {"signal", "", System},
    {"_signal", "", System},
    {"platform", "", System},
    {"psutil", "", System},
    {"sh", "", System},
    {"pexpect", "", System},
    {"sqlite3", "", System},
    {"multiprocessing", "", System, kRefused},
    {"concurrent", "", System},
    {"threading", "", System},
    {"_thread", "", System},
    {"asyncio", "", System, kRefused},
    {"ctypes", "", System, kRefused},
    {"_ctypes", "", System},
    {"cffi", "", System, kRefused},
    {"zipfile", "", System},
    {"tarfile", "", System},
    {"webbrowser", "", System, kRefused},
    {"antigravity", "", System},
    {"venv", "", System, kRefused},
    {"ensurepip", "", System, kRefused},
    {"pip", "", System, kRefused},
    {"setuptools", "", System, kRefused},
    {"distutils", "", System, kRefused},
    {"pkg_resources", "", System},
    {"runpy", "", Calls, kRefused},
    {"code", "", Calls, kRefused},
    {"codeop", "", Calls, kRefused},
    {"pdb", "", Calls, kRefused},
    {"bdb", "", Calls, kRefused},
    {"cProfile", "", Calls, kRefused},
    {"profile", "", Calls, kRefused},
    {"trace", "", Calls, kRefused},
    {"timeit", "", Calls, kRefused},
    {"doctest", "", Calls, kRefused},
    {"unittest", "", Calls},
    {"pytest", "", Calls},
    {"_pytest", "", Calls},
    {"test", "", Calls},
    {"idlelib", "", Calls, kRefused},
    {"lib2to3", "", Calls, kRefused},
    {"pydoc", "", Calls, kRefused},
    {"IPython", "", Calls},
    {"cgitb", "", Calls},
    {"atexit", "", Calls},
    {"sched", "", Calls},
    {"tkinter", "", Calls},
    {"_tkinter", "", Calls},
    {"logging", "", Calls},
    {"importlib", "", Loads, kRefused},
    {"_frozen_importlib", "", Loads},
    {"_frozen_importlib_external", "", Loads},
    {"imp", "", Loads, kRefused},
    {"_imp", "", Loads},
    {"zipimport", "", Loads, kRefused},
    {"pkgutil", "", Loads, kRefused},
    {"site", "", Loads, kRefused},
    {"pickle", "", Loads},
    {"_pickle", "", Loads, kRefused},
    {"cPickle", "", Loads},
    {"pickletools", "", Loads},
    {"cloudpickle", "", Loads, kRefused},
    {"jsonpickle", "", Loads},
    {"joblib", "", Loads, kRefused},
    {"dill", "", Loads},
    {"shelve", "", Loads, kRefused},
    {"dbm", "", Loads},
    {"marshal", "", Loads, kRefused},
    {"yaml", "", Loads},
    {"torch.hub", "", Loads, kRefused},
    {"torch.jit", "", Loads},
    {"torch.package", "", Loads, kRefused},
    {"torch.ops", "", Loads},
    {"torch._ops", "", Loads},
    {"torch.classes", "", Loads},
    {"torch._classes", "", Loads},
    {"torch.serialization", "", Loads},
    {"torch._weights_only_unpickler", "", Loads},
    {"torch.utils.cpp_extension", "", System, kRefused},
    {"torch.utils.collect_env", "", System, kRefused},
    {"torch.utils.bottleneck", "", Calls},
    {"torch.utils.data.datapipes", "", Calls},
    {"torch.utils._config_module", "", Loads, kRefused},
    {"torch.utils.model_zoo", "", Connects},
    {"torch.testing", "", Calls},
    {"torch.fx", "", Calls},
    {"torch._inductor", "", System},
    {"torch._dynamo", "", Calls},
    {"torch.distributed", "", Connects},
    {"torch.multiprocessing", "", System},
    {"torch.cuda._memory_viz", "", Loads},
    {"numpy.testing", "", Calls},
    {"numpy.f2py", "", Calls, kRefused},
    {"numpy.distutils", "", System},
    {"numpy.ctypeslib", "", System},
    {"numpy.lib", "", Loads},
    {"socket", "", Connects, kRefused},
    {"_socket", "", Connects},
    {"socketserver", "", Connects},
    {"SocketServer", "", Connects},
    {"ssl", "", Connects, kRefused},
    {"http", "", Connects, kRefused},
    {"httplib", "", Connects, kRefused},
    {"httplib2", "", Connects},
    {"urllib", "", Connects, kRefused},
    {"urllib2", "", Connects, kRefused},
    {"urllib3", "", Connects, kRefused},
    {"requests", "", Connects, kRefused},
    {"httpx", "", Connects},
    {"aiohttp", "", Connects, kRefused},
    {"ftplib", "", Connects, kRefused},
    {"smtplib", "", Connects, kRefused},
    {"smtpd", "", Connects},
    {"telnetlib", "", Connects, kRefused},
    {"poplib", "", Connects, kRefused},
    {"imaplib", "", Connects, kRefused},
    {"nntplib", "", Connects},
    {"xmlrpc", "", Connects, kRefused},
    {"paramiko", "", Connects, kRefused},
    {"fabric", "", Connects},
    {"websocket", "", Connects},
    {"websockets", "", Connects},
    {"boto3", "", Connects},
    {"huggingface_hub", "", Connects},
    {"ultralytics.hub", "", Connects},
    {"ultralytics.utils.downloads", "", Connects},
    {"ultralytics.utils.checks", "", System},
    {"dataclasses", "_create_fn", Calls},
    {"dataclasses", "make_dataclass", Calls},
    {"typing", "_eval_type", Calls},
    {"typing", "get_type_hints", Calls},
    {"types", "new_class", Calls},
    {"_xxsubinterpreters", "", Calls},
    {"_interpreters", "", Calls},
    {"tokenize", "", System},
    {"compileall", "", System},
    {"py_compile", "", System},
    {"zipapp", "", System},
    {"mailbox", "", System},
    {"mailcap", "", System},
    {"xml", "", Connects},
    {"weakref", "finalize", Calls},
    {"_sqlite3", "", System},
    {"_posixshmem", "", System},
    {"_gdbm", "", Loads},
    {"_dbm", "", Loads},
    {"gettext", "", Calls},
    {"rlcompleter", "", Calls},
    {"heapq", "", Calls},
    {"numpy", "savez_compressed", System},
    {"numpy", "fromregex", System},
    {"numpy", "DataSource", Connects},
    {"numpy.core", "memmap", System},
    {"numpy.core.memmap", "", System},
    {"numpy.core.multiarray", "fromfile", System},
    {"numpy._core", "memmap", System},
    {"numpy._core.memmap", "", System},
    {"numpy._core.multiarray", "fromfile", System},
    {"torchvision.extension", "", Loads},
    {"torchvision.utils", "", System},
    {"torchvision.models", "get_model", Connects},
    {"torch.utils.hipify", "", System},
    {"torch.utils.tensorboard", "", System},
    {"pandas", "HDFStore", Loads},
    {"pandas", "ExcelFile", System},
    {"pandas", "ExcelWriter", System},
    {"pandas.compat.pickle_compat", "", Loads},
    {"PIL.ImageShow", "", System},
    {"PIL.ImageGrab", "", System},
    {"seaborn", "", Connects},
    {"tqdm.contrib", "", Calls},
    {"ultralytics", "SAM", Loads},
    {"ultralytics", "RTDETR", Loads},
    {"ultralytics", "YOLOWorld", Loads},
    {"ultralytics", "YOLOE", Loads},
    {"ultralytics", "NAS", Loads},
    {"ultralytics", "FastSAM", Loads},
    {"ultralytics.models", "SAM", Loads},
    {"ultralytics.models", "RTDETR", Loads},
    {"ultralytics.models", "NAS", Loads},
    {"ultralytics.models", "FastSAM", Loads},
    {"ultralytics.models", "YOLOWorld", Loads},
    {"ultralytics.models", "YOLOE", Loads},
    {"ultralytics.data", "", System},
    {"ultralytics.cfg", "", System},
    {"ultralytics.solutions", "", System},
    {"ultralytics.trackers", "", System},
    {"ultralytics.utils.benchmarks", "", Calls},
    {"ultralytics.utils.tuner", "", Calls},
    {"ultralytics.utils.export", "", System},
    {"ultralytics.utils.callbacks", "", Connects},
    {"ultralytics.utils.plotting", "", System},
    {"ultralytics.utils.torch_utils", "strip_optimizer", Loads},
    {"ultralytics.utils", "YAML", System},
    {"ultralytics.utils", "yaml_save", System},
    {"ultralytics.utils", "yaml_load", System},
    {"StringIO", "", System},
    {"cStringIO", "", System},
    {"_pyio", "", System},
    {"gzip", "", System},
    {"bz2", "", System},
    {"lzma", "", System},
    {"codecs", "open", System},
    {"pipes", "", System},
    {"thread", "", System},
    {"dummy_thread", "", System},
    {"_multiprocessing", "", System},
    {"_aix_support", "", System},
    {"uuid", "_get_command_stdout", System},
    {"uuid", "os", System},
    {"cv2", "", System},
    {"torchvision.io", "", System},
    {"torchvision.datasets", "", Connects},
    {"torch.onnx", "", System},
    {"matplotlib", "", System},
    {"h5py", "", System},
    {"ultralytics.utils.files", "", System},
    {"xmlrpclib", "", Connects},
    {"SimpleXMLRPCServer", "", Connects},
    {"DocXMLRPCServer", "", Connects},
    {"SimpleHTTPServer", "", Connects},
    {"CGIHTTPServer", "", Connects},
    {"BaseHTTPServer", "", Connects},
    {"Cookie", "", Connects},
    {"cookielib", "", Connects},
    {"robotparser", "", Connects},
    {"urlparse", "", Connects},
    {"anydbm", "", Loads},
    {"dbhash", "", Loads},
    {"dumbdbm", "", Loads},
    {"gdbm", "", Loads},
    {"whichdb", "", Loads},
    {"Tkinter", "", Calls},
    {"tkFileDialog", "", Calls},
    {"tkSimpleDialog", "", Calls},
    {"tkColorChooser", "", Calls},
    {"tkCommonDialog", "", Calls},
    {"tkMessageBox", "", Calls},
    {"Dialog", "", Calls},
    {"FileDialog", "", Calls},
    {"SimpleDialog", "", Calls},
    {"ScrolledText", "", Calls},
    {"Tkdnd", "", Calls},
    {"tkFont", "", Calls},
    {"Tix", "", Calls},
    {"ttk", "", Calls},
    {"itertools", "imap", Calls},
    {"itertools", "ifilter", Calls},
    {"itertools", "ifilterfalse", Calls},
    {"itertools", "filterfalse", Calls},
    {"itertools", "starmap", Calls},
    {"itertools", "accumulate", Calls},
    {"itertools", "groupby", Calls},
    {"itertools", "takewhile", Calls},
    {"itertools", "dropwhile", Calls},
    {"sympy", "", Calls},
    {"numexpr", "", Calls},
    {"PIL.ImageMath", "", Calls},
    {"PIL.Image", "open", System},
    {"modulefinder", "", Loads},
    {"tracemalloc", "", Loads},
    {"numpy.compat", "", Loads},
    {"numpy.ma", "load", Loads},
    {"numpy.ma", "loads", Loads},
    {"numpy.ma.core", "load", Loads},
    {"numpy.ma.core", "loads", Loads},
    {"pandas", "eval", Calls},
    {"pandas", "read_pickle", Loads},
    {"pandas.io", "", Loads},
    {"pandas.core.computation", "", Calls},
    {"scipy.io", "", Loads},
    {"torch.export", "", Loads},
    {"torch.library", "", Calls},
    {"torch._C", "", Loads},
    {"torch._utils", "_import_dotted_name", Loads},
    {"torch.utils.benchmark", "", Calls},
    {"torch.utils.checkpoint", "", Calls},
    {"torch.utils._pytree", "", Calls},
    {"torch.func", "", Calls},
    {"torch.overrides", "", Calls},
    {"ultralytics.engine", "", Loads},
    {"ultralytics.models", "YOLO", Loads},
    {"ultralytics.models.yolo", "YOLO", Loads},
    {"ultralytics.models.yolo.model", "", Loads},
    {"ultralytics.nn.autobackend", "", Loads},
    {"ultralytics.utils.patches", "", Loads},
    {"operator", "", Reaches},
    {"_operator", "", Reaches},
    {"inspect", "", Reaches},
    {"gc", "", Reaches},
    {"types", "CodeType", Calls, kRefused},
    {"types", "FunctionType", Calls, kRefused},
    {"types", "LambdaType", Calls},
    {"types", "MethodType", Calls},
    {"types", "ModuleType", Loads},
    {"types", "DynamicClassAttribute", Calls},
    {"functools", "reduce", Calls},
    {"_functools", "reduce", Calls},
    {"functools", "singledispatch", Calls},
    {"copyreg", "__newobj__", Calls},
    {"copyreg", "add_extension", Loads},
    {"torch", "load", Loads, kRefused},
    {"torch", "compile", Calls},
    {"torch", "save", System},
    {"torch", "from_file", System},
    {"torch.storage", "_load_from_bytes", Loads, kRefused},
    {"torch", "_utils_internal", Loads},
    {"torch.functional", "torch", Reaches},
    {"numpy", "load", Loads, kRefused},
    {"numpy", "loadtxt", System},
    {"numpy", "genfromtxt", System},
    {"numpy", "fromfile", System},
    {"numpy", "memmap", System, kRefused},
    {"numpy", "save", System},
    {"numpy", "savez", System},
    {"numpy", "savetxt", System},
    {"numpy", "vectorize", Calls},
    {"numpy", "apply_along_axis", Calls},
    {"numpy", "frompyfunc", Calls},
    {"ultralytics.nn.tasks", "parse_model", Calls},
    {"ultralytics.nn.tasks", "attempt_load_weights", Loads},
    {"ultralytics.nn.tasks", "attempt_load_one_weight", Loads},
    {"ultralytics.nn.tasks", "load_checkpoint", Loads},
    {"ultralytics.nn.tasks", "torch_safe_load", Loads},
    {"ultralytics.nn.tasks", "temporary_modules", Loads},
    {"ultralytics", "YOLO", Loads},
    {"_osx_support", "", System, kRefused},
    {"_pyrepl", "", Calls, kRefused},
    {"dill", "load", Loads, kRefused},
    {"dill", "loads", Loads, kRefused},
    {"dill._dill", "_import_module", Loads, kRefused},
    {"io", "FileIO", System, kRefused},
    {"io", "open", System, kRefused},
    {"io", "open_code", System, kRefused},
    {"_io", "FileIO", System, kRefused},
    {"_io", "open", System, kRefused},
    {"_io", "open_code", System, kRefused},
    {"logging.config", "", Calls, kRefused},
    {"numpy.f2py.crackfortran", "", Calls, kRefused},
    {"numpy.testing._private.utils", "", Calls, kRefused},
    {"operator", "attrgetter", Reaches, kRefused},
    {"operator", "methodcaller", Reaches, kRefused},
    {"_operator", "attrgetter", Reaches, kRefused},
    {"_operator", "methodcaller", Reaches, kRefused},
    {"pickle", "load", Loads, kRefused},
    {"pickle", "loads", Loads, kRefused},
    {"pickle", "Unpickler", Loads, kRefused},
    {"torch.jit", "load", Loads, kRefused},
    {"torch.serialization", "load", Loads, kRefused},
    {"torch._inductor.codecache", "", System, kRefused},
    {"torch.distributed.rpc", "", Connects, kRefused},
    {"torch.fx.experimental.symbolic_shapes", "", Calls, kRefused},
    {"torch.utils.bottleneck.__main__", "", Calls, kRefused},
    {"torch.utils.data.datapipes.utils.decoder", "", Calls, kRefused},
};

struct Builtin {
    std::string_view name;
    bool refused = false;
};
constexpr Builtin kBuiltins[] = {
    {"eval", kRefused},
    {"exec", kRefused},
    {"execfile", kRefused},
    {"compile", kRefused},
    {"__import__", kRefused},
    {"open", kRefused},
    {"file", kRefused},
    {"globals", kRefused},
    {"locals", kRefused},
    {"vars", kRefused},
    {"apply", kRefused},
    {"input", kRefused},
    {"raw_input", kRefused},
    {"breakpoint", kRefused},
    {"setattr", kRefused},
    {"delattr", kRefused},
    {"reload", kRefused},
    {"intern"},
    {"memoryview"},
    {"classmethod"},
    {"staticmethod"},
    {"super"},
    {"__build_class__"},
    {"help", kRefused},
    {"exit", kRefused},
    {"quit", kRefused},
    {"map"},
    {"filter"},
    {"reduce"},
    {"iter"},
};

std::string_view first_part(std::string_view name) noexcept {
    return name.substr(0, name.find('.'));
}

bool is_below(std::string_view module, std::string_view package) noexcept {
    return module.starts_with(package) && (module.size() == package.size() || module[package.size()] == '.');
}

bool is_builtin(std::string_view module) noexcept {
    const std::string_view package = first_part(module);
    return package == "builtins" || package == "__builtin__" || package == "__builtins__";
}

const Builtin* find_builtin(std::string_view name) noexcept {
    // What is reached through a dot is reached all the same: `builtins` `eval.__call__`.
    const auto* found = std::ranges::find(kBuiltins, first_part(name), &Builtin::name);
    return found == std::end(kBuiltins) ? nullptr : found;
}

bool matches(const Row& row, std::string_view module, std::string_view name) noexcept {
    if (row.name.empty()) return is_below(module, row.module);
    return row.module == module && row.name == first_part(name);
}

}  // namespace

bool is_hostile(std::string_view module, std::string_view name) noexcept {
    if (is_builtin(module)) {
        const Builtin* found = find_builtin(name);
        return found != nullptr && found->refused;
    }
    return std::ranges::any_of(kRows, [&](const Row& row) { return row.refused && matches(row, module, name); });
}

bool leads_to_hostile(std::string_view name) noexcept {
    constexpr std::ptrdiff_t kMaxDots = 8;
    if (name.find('.') == std::string_view::npos) return false;
    if (std::ranges::count(name, '.') > kMaxDots) return true;
    for (std::string_view rest = name; !rest.empty();) {
        const std::string_view part = first_part(rest);
        if (part.starts_with("__")) return true;
        // What a module has imported can be reached through it.
        for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.', dot + 1)) {
            if (is_hostile(rest.substr(0, dot), rest.substr(dot + 1))) return true;
        }
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    }
    return false;
}

Harm harm_of(std::string_view module, std::string_view name) noexcept {
    if (is_builtin(module)) return find_builtin(name) == nullptr ? None : Calls;
    const auto* found = std::ranges::find_if(kRows, [&](const Row& row) { return matches(row, module, name); });
    return found == std::end(kRows) ? None : found->harm;
}

bool is_harmful_module(std::string_view module) noexcept {
    return std::ranges::any_of(kRows, [&](const Row& row) { return row.name.empty() && is_below(module, row.module); });
}

bool may_be_harmful(std::string_view module) {
    static const std::unordered_set<std::string_view> kFirstParts = [] {
        std::unordered_set<std::string_view> parts{"builtins", "__builtin__", "__builtins__"};
        for (const Row& each : kRows) parts.insert(first_part(each.module));
        return parts;
    }();
    return kFirstParts.contains(first_part(module));
}

}  // namespace yolovino::checkpoint
