#include <algorithm>
#include <cstdio>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "support/forge_checkpoint.hpp"
#include "support/peak_memory.hpp"

/// What reading may cost: peak memory under 3 × file + 64 MB, a hostile file of 10 MB answered in under a second of
/// processor time, a fixed depth of the call stack, and no temporary files.
namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;

struct Cost {
    bool refused = false;
    double cpu_s = 0;
    std::int64_t peak_bytes = 0;  ///< above what the process held before
};

/// Opens a file in a process of its own.
Cost cost_of_opening(const std::filesystem::path& file) {
    Cost cost;
    FILE* pipe = ::popen((YOLOVINO_OPEN_CHECKPOINT " '"s + file.string() + "'").c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    if (pipe == nullptr) return cost;
    int refused = 0;
    long long peak_bytes = 0;
    EXPECT_EQ(std::fscanf(pipe, "%d %lf %lld", &refused, &cost.cpu_s, &peak_bytes), 3)
        << "the program did not end well";
    EXPECT_EQ(::pclose(pipe), 0);
    cost.refused = refused != 0;
    cost.peak_bytes = peak_bytes;
    return cost;
}

constexpr std::size_t kHostileBytes = 10'000'000;

std::string repeated(const std::string& part, std::size_t bytes = kHostileBytes) {
    std::string out;
    out.reserve(bytes + part.size());
    while (out.size() < bytes) out += part;
    return out;
}

/// Keys that differ, each with None.
std::string distinct_pairs(std::size_t bytes, const std::string& value = "N") {
    std::string out;
    for (std::uint32_t i = 0; out.size() < bytes; ++i) out += "U\x04" + little(i) + value;
    return "}(" + out + "u";
}

std::string with_value(const std::string& value) {
    return named({{"value", value}, {"model", detection_model()}});
}

/// Files of about 10 MB, each built to make one structure of the reader as large as it can.
std::vector<std::pair<std::string, Zip>> hostile_files() {
    std::vector<std::pair<std::string, Zip>> out;
    const auto add = [&](const std::string& name, const std::string& value) {
        out.emplace_back(name, archive(pickle(value)));
    };
    add("lists", "](" + repeated("]") + "e");
    add("lists in lists", "]" + repeated("]a"));
    add("tuples", "](" + repeated("N\x85") + "e");
    add("dicts", "]" + repeated("}NNsa"));
    add("numbers", "]" + repeated("K\1a"));
    add("values on the stack", "(" + repeated("N") + "t");
    add("marks", repeated("("));
    add("memo", "N" + repeated("q\0"s));
    add("texts", "]" + repeated("U\1xa"));
    add("classes", "]" + repeated("ca\nb\na"));
    add("objects", global("a", "b") + "q\0"s + ")R]" + repeated("h\0)Ra"s) + "a");
    add("states", global("a", "b") + "q\0"s + ")R]" + repeated("h\0)R}ba"s) + "a");
    add("no end", repeated("N."));
    add("one long text", text(std::string(kHostileBytes, 'x')));
    add("metadata keys", distinct_pairs(kHostileBytes).substr(0, kHostileBytes) + "u");
    add("top keys", "}(" + text("model") + detection_model() + distinct_pairs(kHostileBytes / 8).substr(2));
    add("value of many keys", with_value(distinct_pairs(kHostileBytes / 8)));
    add("value of few bytes", with_value("](" + repeated("K\1", 300'000) + "e"));
    // 10 MB of text, named ten thousand times.
    add("shared text",
        with_value("](" + text(std::string(kHostileBytes - 30'000, 'x')) + "q\0"s + repeated("h\0"s, 20'000) + "e"));
    // 10 MB of a list, named a thousand times, in a list that is named a thousand times.
    add("shared list", with_value("](](" + repeated("K\1", 200'000) + "eq\0"s + repeated("h\0"s, 2'000) + "e"));
    std::string state = "}q\1("s + text("_modules") + "}" + text("_parameters") + "}" + text("_buffers") + "}" +
                        repeated("U\1aN", 700'000) + "u";
    std::string children = "U\0010" + module("a", "b") + "U\0011" + global("a", "b") + "q\0)\x81"s + state + "b";
    for (int i = 0; i < 5'000; ++i) children += text(std::to_string(i + 2)) + "h\0)\x81h\1b"s;
    add("modules that share a state",
        build(new_object(global("a", "c")),
              "}(" + text("_modules") + "}(" + children + "u" + text("_parameters") + "}" + text("_buffers") + "}u"));
    Zip entries = archive(pickle(minimal_pickle()));
    for (int i = 0; i < 60'000; ++i) entries.entries.push_back({.name = "best/data/" + std::to_string(i), .data = ""});
    out.emplace_back("entries", entries);
    Zip names = archive(pickle(minimal_pickle()));
    for (int i = 0; i < 9'000; ++i)
        names.entries.push_back({.name = "best/" + std::to_string(i) + std::string(490, 'n'), .data = ""});
    out.emplace_back("long names", names);
    return out;
}

TEST(Limits, HostileFilesCostLittle) {
    const TempFolder folder;
    std::size_t refused = 0;
    std::int64_t highest = 0;
    for (const auto& [name, zip] : hostile_files()) {
        const auto file = write(folder.path() / "hostile.pt", zip.bytes());
        const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file));
        const Cost cost = cost_of_opening(file);
        refused += cost.refused ? 1 : 0;
        highest = std::max(highest, cost.peak_bytes);
        RecordProperty(name, std::to_string(cost.cpu_s) + " s, " + std::to_string(cost.peak_bytes >> 20) + " MiB of " +
                                 std::to_string(size >> 20));
        if (!test::kMeasuresMemory) continue;
        EXPECT_LT(cost.cpu_s, 1) << name;
        EXPECT_LT(cost.peak_bytes, 3 * size + 64'000'000) << name << " of " << size << " bytes";
    }
    EXPECT_GE(refused, 17U);
    EXPECT_TRUE(!test::kMeasuresMemory || highest > 20'000'000) << "the measurement did not look";
}

// Weights, too, stay within the bound, whatever their type and order.
TEST(Limits, TensorsCostThreeTimesTheFile) {
    const TempFolder folder;
    constexpr int kSide = 4'000;
    const std::vector<std::pair<std::string, int>> types{{"HalfStorage", 2}, {"FloatStorage", 4}};
    for (const auto& [type, bytes] : types) {
        const std::string of = storage("0", type, kSide * kSide);
        for (const std::string& view :
             {tensor(of, {kSide, kSide}, {kSide, 1}), tensor(of, {kSide, kSide}, {1, kSide})}) {
            const std::string value = named({{"model", detection_model({.parameters = {{"w", view}}})}});
            const auto file = write(
                folder.path() / "large.pt",
                archive(pickle(value),
                        {std::string(static_cast<std::size_t>(kSide) * kSide * static_cast<std::size_t>(bytes), '\0')})
                    .bytes());
            const Cost cost = cost_of_opening(file);
            EXPECT_FALSE(cost.refused);
            const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file));
            if (!test::kMeasuresMemory) continue;
            EXPECT_LT(cost.peak_bytes, 3 * size + 64'000'000) << type << " of " << size << " bytes";
        }
    }
}

/// Runs `body` on a thread whose stack has 256 KiB; with sanitizers, whose frames are many times larger, 4 MiB.
template <typename Body>
void on_small_stack(Body body) {
    pthread_attr_t attributes;
    ASSERT_EQ(::pthread_attr_init(&attributes), 0);
    ASSERT_EQ(::pthread_attr_setstacksize(&attributes, std::size_t{test::kMeasuresMemory ? 256U : 4096U} << 10U), 0);
    pthread_t thread = {};
    const auto start = [](void* argument) -> void* {
        (*static_cast<Body*>(argument))();
        return nullptr;
    };
    ASSERT_EQ(::pthread_create(&thread, &attributes, start, &body), 0);
    ::pthread_join(thread, nullptr);
    ::pthread_attr_destroy(&attributes);
}

std::string nested(const std::string& open, const std::string& inner, const std::string& close, int levels) {
    std::string out;
    for (int i = 0; i < levels; ++i) out += open;
    out += inner;
    for (int i = 0; i < levels; ++i) out += close;
    return out;
}

// What nests is read, turned into values, printed, and destroyed without deep recursion.
TEST(Limits, NestingFitsASmallStack) {
    const TempFolder folder;
    std::vector<std::string> files;
    for (const int levels : {30, 60, 70, 300, 50'000}) {
        for (const std::string& value :
             {nested("]", "N", "a", levels), nested("", "N", "\x85", levels), nested("}N", "N", "s", levels),
              nested("", "N", "Q", levels), nested(global("a", "b") + ")\x81", "}", "b", levels),
              nested(global("collections", "OrderedDict") + ")RN", "N", "s", levels)}) {
            files.push_back(with_value(value));
        }
    }
    for (const int levels : {30, 60, 70, 300}) {
        std::string deep = module("a", "Base");
        for (int level = 0; level < levels; ++level) deep = module("a", "b", {.children = {{"0", deep}}});
        files.push_back(deep);
    }
    std::size_t opened = 0;
    for (const std::string& value : files) {
        const auto path = write(folder.path() / "deep.pt", archive(pickle(value)).bytes());
        on_small_stack([&] {
            try {
                const auto file = checkpoint::Checkpoint::open(path);
                for (const auto& [key, found] : file.metadata()) EXPECT_FALSE(found.to_text().empty());
                ++opened;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::LimitExceeded) << error.what();
            }
        });
    }
    EXPECT_GE(opened, 12U);
}

// Reading writes nothing, not even for a moment: the folder of the process cannot be written to.
TEST(Limits, NoTemporaryFiles) {
    const TempFolder folder;
    const auto file = write(folder.path() / "whole.pt", archive(pickle(minimal_pickle())).bytes());
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit none_at_all{0, 0};
        ::setrlimit(RLIMIT_FSIZE, &none_at_all);
        ::setenv("TMPDIR", "/nonexistent", 1);
        if (::chdir("/") != 0) ::_exit(3);
        try {
            const auto opened = checkpoint::Checkpoint::open(file);
            ::_exit(opened.sha256().size() == 64 ? 0 : 1);
        } catch (const Error&) {
            ::_exit(2);
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace yolovino::test::forge
