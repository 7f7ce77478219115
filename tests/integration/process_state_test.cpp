// What all threads of a process share (environment, locale, signals, current folder, umask, …) is changed before the
// first thread starts or not at all: the library runs inside other people's programs, where `setenv` beside another
// thread's `getenv` is a crash.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/command.hpp"
#include "support/make_video.hpp"
#include "support/samples.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;

/// Calls that change such state.
const std::regex kChanges(
    R"(\b(setenv|putenv|unsetenv|clearenv|setlocale|tzset|chdir|fchdir|chroot|umask|sigprocmask|pthread_sigmask)"
    R"(|sigaction|sigaltstack|srand|srandom|srand48|setrlimit|prctl|dup2|dup3|set_terminate|set_new_handler|fesetround)"
    R"(|fesetenv|feenableexcept|mallopt|mlockall|setpriority|sched_setaffinity|setvbuf|sync_with_stdio|curl_global_init)"
    R"(|setNumThreads|set_num_threads|omp_set_num_threads|setUseOptimized|setRNGSeed|setLogLevel|redirectError)"
    R"(|av_log_set_level|av_log_set_callback|SetLogHandler|TIFFSetErrorHandler|TIFFSetWarningHandler)\s*\()"
    R"(|(?:std::|::)(signal)\s*\()"
    R"(|\b(locale::global)\s*\()"
    R"(|\b(current_path)\s*\(\s*[^)\s])"
    R"(|\b(environ)\s*=)"
    R"(|(?:cerr|cout|clog)\.(rdbuf|imbue)\s*\(\s*[^)\s])");

struct Allowed {
    const char* file;
    const char* call;
    const char* reason;
};

constexpr Allowed kAllowed[] = {
    {"src/cli/commands.cpp", "signal", "the command's first lines: a full quota is an error, not an end"},
    {"src/serve/serve.cpp", "setrlimit", "the server, once before it listens: each connection is a descriptor"},
    {"src/cli/signals.cpp", "signal", "the command, before it makes a thread: a broken pipe is a failed write"},
    {"src/cli/signals.cpp", "pthread_sigmask", "the command, before it makes a thread: all of them inherit it"},
    {"src/base/child_process.cpp", "signal", "in a child process, which has one thread"},
    {"src/base/child_process.cpp", "sigprocmask", "in a child process, which has one thread"},
    {"src/base/child_process.cpp", "setrlimit", "in a child process, which has one thread"},
    {"src/base/child_process.cpp", "prctl", "in a child process, which has one thread"},
    {"src/base/child_process.cpp", "dup2", "in a child process, which has one thread"},
    {"src/vision/quiet_decoders.cpp", "rdbuf", "while the library is loaded; passes all but what a decoder writes"},
    {"src/vision/media_module/module.cpp", "setLogLevel", "one number that OpenCV's log alone reads; no other way"},
    {"src/vision/media_module/module.cpp", "av_log_set_level",
     "one number that FFmpeg's log alone reads; no other way"},
    {"src/runtime/libtorch/module/module.cpp", "set_num_threads", "LibTorch's own pool, before its first use"},
    {"src/data/net/module/session_curl.cpp", "curl_global_init", "once, made for threads since libcurl 7.84"},
};

/// The line without its comment and without what stands in quotes.
std::string code_of(const std::string& line) {
    std::string code;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (quote != '\0') {
            if (line[i] == '\\')
                ++i;
            else if (line[i] == quote)
                quote = '\0';
        } else if (line[i] == '"') {
            quote = line[i];
        } else if (line.compare(i, 2, "//") == 0) {
            break;
        } else {
            code += line[i];
        }
    }
    return code;
}

/// The calls in a piece of code, by their bare names.
std::vector<std::string> changes_in(const std::string& code) {
    std::vector<std::string> names;
    for (std::sregex_iterator at(code.begin(), code.end(), kChanges), end; at != end; ++at) {
        for (std::size_t group = 1; group < at->size(); ++group) {
            if ((*at)[group].matched) names.push_back((*at)[group]);
        }
    }
    return names;
}

TEST(ProcessState, TheTestKnowsTheCallsThatItLooksFor) {
    for (const char* const line :
         {"::setenv(\"A\", \"b\", 1);", "if (putenv (x))", "std::setlocale(LC_ALL, \"\");", "std::locale::global(x);",
          "fs::current_path(path);", "std::signal(SIGINT, f);", "sigaction(SIGINT, &a, nullptr);", "umask(0);",
          "std::cerr.rdbuf(mine);", "at::set_num_threads(4);", "pthread_sigmask(SIG_BLOCK, &set, nullptr);"})
        EXPECT_EQ(changes_in(code_of(line)).size(), 1U) << line;
    for (const char* const line : {"// setenv(\"A\")", "\"setenv(\"", "fs::current_path()", "double signal = 0;",
                                   "std::getenv(\"HOME\")", "std::cerr.rdbuf()", "my_setenv(1)"})
        EXPECT_TRUE(changes_in(code_of(line)).empty()) << line;
}

TEST(ProcessState, IsChangedOnlyWhereThereIsAReason) {
    std::set<std::pair<std::string, std::string>> allowed;
    for (const Allowed& each : kAllowed) allowed.emplace(each.file, each.call);
    auto unused = allowed;
    std::size_t seen = 0;
    for (const char* const root : {YOLOVINO_SOURCE_DIR "/src", YOLOVINO_SOURCE_DIR "/include"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            const auto suffix = entry.path().extension();
            if (suffix != ".hpp" && suffix != ".cpp") continue;
            ++seen;
            const std::string file = entry.path().lexically_relative(YOLOVINO_SOURCE_DIR).string();
            std::ifstream stream(entry.path());
            int number = 0;
            for (std::string line; std::getline(stream, line);) {
                ++number;
                for (const std::string& call : changes_in(code_of(line))) {
                    EXPECT_TRUE(allowed.contains({file, call}))
                        << file << ":" << number << " changes what all threads share: " << line;
                    unused.erase({file, call});
                }
            }
        }
    }
    EXPECT_GT(seen, 200U) << "the test did not look";
    for (const auto& [file, call] : unused) ADD_FAILURE() << call << " is allowed in " << file << " but is not there";
}

/// What a binary takes from other libraries; nothing if that is unknown.
std::vector<std::string> undefined_symbols(const fs::path& binary) {
    const std::string line = "nm -D --undefined-only '" + binary.string() + "' 2>/dev/null";
    std::FILE* const pipe = ::popen(line.c_str(), "r");  // NOLINT(cert-env33-c)
    std::vector<std::string> names;
    std::array<char, 4096> text{};
    while (pipe != nullptr && std::fgets(text.data(), text.size(), pipe) != nullptr) {
        const std::string symbol = text.data();
        const std::size_t begin = symbol.find_last_of(' ') + 1;
        names.push_back(symbol.substr(begin, symbol.find_first_of("@\n", begin) - begin));
    }
    if (pipe != nullptr) ::pclose(pipe);
    return names;
}

TEST(ProcessState, TheBinariesDoNotImportTheCalls) {
    const std::set<std::string> forbidden = {"setenv",   "putenv", "unsetenv", "clearenv", "setlocale",
                                             "chdir",    "fchdir", "umask",    "srand",    "_ZNSt6locale6globalERKS_",
                                             "sigaction"};
    std::vector<fs::path> binaries = {YOLOVINO_COMMAND, YOLOVINO_BINARY_DIR "/libyolovino.so"};
    for (const auto& entry : fs::directory_iterator(YOLOVINO_BINARY_DIR "/yolovino")) {
        if (entry.path().extension() == ".so") binaries.push_back(entry.path());
    }
    ASSERT_GT(binaries.size(), 5U) << "the test did not look";
    for (const fs::path& binary : binaries) {
        const std::vector<std::string> names = undefined_symbols(binary);
        ASSERT_GT(names.size(), 20U) << "nm did not list what " << binary << " needs";
        for (const std::string& name : names) {
            // Boost.Asio brings its set of signals along, which nobody makes.
            if (binary.filename() == "yolovino-serve.so" && name == "sigaction") continue;
            EXPECT_FALSE(forbidden.contains(name)) << binary << " needs " << name;
        }
    }
}

#ifdef YOLOVINO_PROCESS_STATE_WATCH

using ProcessStateOfTheCommand = test::Command;

/// Runs the command with a library in front of it that notes each change once there are several threads, whoever makes
/// it.
TEST_F(ProcessStateOfTheCommand, StaysAsItWasOnceThereAreThreads) {
    YOLOVINO_NEEDS_FFMPEG();
    const fs::path notes = folder.path() / "notes.txt";
    fs::copy_file(test::kSample, folder.path() / "m.pt");
    ASSERT_TRUE(test::run_ffmpeg(folder.path(), test::raw_input(folder.path()) + " -c:v libx264 film.mp4 film.gif"));
    std::ofstream(folder.path() / "image.ppm", std::ios::binary) << "P6\n2 2\n255\nabcdefghijkl";
    fs::rename(folder.path() / "image.ppm", folder.path() / "image.bmp");  // known by its first bytes
    const std::string watched = "LD_PRELOAD='" YOLOVINO_PROCESS_STATE_WATCH "' YOLOVINO_WATCH_FILE='" + notes.string() +
                                "' '" YOLOVINO_COMMAND "' ";
    const std::string predict = "predict model=m.pt imgsz=64 device=cpu precision=f32 ";
    std::vector<std::string> runs = {
        predict + "runtime=openvino source=film.mp4", predict + "runtime=openvino source=film.gif",
        predict + "runtime=openvino source=image.bmp", "export model=m.pt imgsz=64 format=onnx"};
    if (fs::exists(YOLOVINO_BINARY_DIR "/yolovino/yolovino-libtorch.so"))
        runs.push_back(predict + "runtime=libtorch source=film.mp4");
    for (const std::string& arguments : runs) {
        const std::string line =
            "cd '" + folder.path().string() + "' && " + watched + arguments + " >out.txt 2>err.txt </dev/null";
        EXPECT_EQ(std::system(line.c_str()), 0) << arguments << test::content(folder.path() / "err.txt");
        EXPECT_EQ(test::content(notes), "") << arguments;
    }
    // The watch itself must see what happens beside a second thread.
    EXPECT_EQ(std::system(("LD_PRELOAD='" YOLOVINO_PROCESS_STATE_WATCH "' YOLOVINO_WATCH_FILE='" + notes.string() +
                           "' '" YOLOVINO_CHANGES_STATE "'")
                              .c_str()),
              0);
    EXPECT_NE(test::content(notes).find("setenv YOLOVINO_TEST "), std::string::npos) << "the watch sees nothing";
}

#endif

}  // namespace
}  // namespace yolovino
