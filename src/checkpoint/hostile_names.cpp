#include "checkpoint/hostile_names.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace yolovino::checkpoint {

namespace {

/// Whole packages: processes, interpreters, the network, files, debuggers, installers, native code.
constexpr std::string_view kPackages[] = {
    "_osx_support", "_pickle", "_posixsubprocess", "_pyrepl", "aiohttp", "asyncio",  "bdb",
    "cProfile",     "cffi",    "cloudpickle",      "code",    "codeop",  "commands", "ctypes",
    "distutils",    "doctest", "ensurepip",        "ftplib",  "http",    "httplib",  "idlelib",
    "imaplib",      "imp",     "importlib",        "joblib",  "lib2to3", "marshal",  "multiprocessing",
    "nt",           "os",      "paramiko",         "pdb",     "pip",     "pkgutil",  "popen2",
    "poplib",       "posix",   "profile",          "pty",     "pydoc",   "requests", "runpy",
    "setuptools",   "shelve",  "shutil",           "site",    "smtplib", "socket",   "ssl",
    "subprocess",   "sys",     "telnetlib",        "timeit",  "trace",   "urllib",   "urllib2",
    "urllib3",      "venv",    "webbrowser",       "winreg",  "xmlrpc",  "zipimport"};

constexpr std::string_view kBuiltins[] = {"__import__", "apply", "breakpoint", "compile", "delattr", "eval",  "exec",
                                          "execfile",   "exit",  "file",       "globals", "help",    "input", "locals",
                                          "open",       "quit",  "raw_input",  "reload",  "setattr", "vars"};

struct Name {
    std::string_view module;
    std::string_view name;
};
/// Single names of modules that are otherwise harmless. An empty name stands for all of the module.
constexpr Name kNames[] = {{"dill", "load"},
                           {"dill", "loads"},
                           {"dill._dill", "_import_module"},
                           {"io", "FileIO"},
                           {"io", "open"},
                           {"io", "open_code"},
                           {"_io", "FileIO"},
                           {"_io", "open"},
                           {"_io", "open_code"},
                           {"logging.config", ""},
                           {"numpy", "load"},
                           {"numpy", "memmap"},
                           {"numpy.f2py", ""},
                           {"numpy.f2py.crackfortran", ""},
                           {"numpy.testing._private.utils", ""},
                           {"operator", "attrgetter"},
                           {"operator", "methodcaller"},
                           {"_operator", "attrgetter"},
                           {"_operator", "methodcaller"},
                           {"pickle", "load"},
                           {"pickle", "loads"},
                           {"pickle", "Unpickler"},
                           {"torch", "load"},
                           {"torch.hub", ""},
                           {"torch.jit", "load"},
                           {"torch.package", ""},
                           {"torch.serialization", "load"},
                           {"torch.storage", "_load_from_bytes"},
                           {"torch._inductor.codecache", ""},
                           {"torch.distributed.rpc", ""},
                           {"torch.fx.experimental.symbolic_shapes", ""},
                           {"torch.utils._config_module", ""},
                           {"torch.utils.bottleneck.__main__", ""},
                           {"torch.utils.collect_env", ""},
                           {"torch.utils.cpp_extension", ""},
                           {"torch.utils.data.datapipes.utils.decoder", ""},
                           {"types", "CodeType"},
                           {"types", "FunctionType"}};

}  // namespace

bool is_hostile(std::string_view module, std::string_view name) noexcept {
    const std::string_view package = module.substr(0, module.find('.'));
    if (std::ranges::find(kPackages, package) != std::end(kPackages)) return true;
    // What is reached through a dot is reached all the same: `builtins` `eval.__call__`.
    const std::string_view first = name.substr(0, name.find('.'));
    if (package == "builtins" || package == "__builtin__" || package == "__builtins__")
        return std::ranges::find(kBuiltins, first) != std::end(kBuiltins);
    return std::ranges::any_of(
        kNames, [&](const Name& each) { return each.module == module && (each.name.empty() || each.name == first); });
}

}  // namespace yolovino::checkpoint
