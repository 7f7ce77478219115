#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>

#include "support/forge_zip.hpp"
#include "support/peak_memory.hpp"
#include "support/shared.hpp"

namespace yolovino::scan {
namespace {

using namespace test::forge;
using namespace std::string_literals;

constexpr std::size_t kHostileBytes = 10'000'000;

std::string repeated(const std::string& part, std::size_t bytes = kHostileBytes) {
    std::string out;
    out.reserve(bytes + part.size());
    while (out.size() < bytes) out += part;
    return out;
}

/// Texts that differ, each pushed behind what is made of the one before.
std::string with_numbers(const std::string& before, const std::string& after, std::size_t count) {
    std::string out;
    for (std::uint32_t i = 0; i < count; ++i) out += before + "U\x04" + little(i) + after;
    return out;
}

/// A pickle as bytes in a pickle, again and again.
std::string wrapped(std::string value, int times) {
    for (int i = 0; i < times; ++i) {
        const std::string whole = pickle(value);
        value = "B" + little(static_cast<std::uint32_t>(whole.size())) + whole;
    }
    return value;
}

struct Cost {
    std::size_t names = 0;
    double cpu_s = 0;
    std::int64_t peak_bytes = 0;
};

Cost cost_of_auditing(const std::filesystem::path& file) {
    const std::string command = YOLOVINO_AUDIT_FILE " '" + file.string() + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);  // NOLINT(cert-env33-c)
    Cost cost;
    long long peak_bytes = 0;
    EXPECT_EQ(std::fscanf(pipe.get(), "%zu %lf %lld", &cost.names, &cost.cpu_s, &peak_bytes), 3) << command;
    cost.peak_bytes = peak_bytes;
    return cost;
}

/// Files of up to 10 MB, each built to make one structure of the audit as large as it can.
std::vector<std::pair<std::string, std::string>> hostile_pickles() {
    const std::string long_text = text(std::string(kHostileBytes / 2, 'x'));
    const std::string storage_of = global("torch", "FloatStorage") + "q\2"s;
    return {
        {"lists", "](" + repeated("]") + "e"},
        {"tuples", "](" + repeated("N\x85") + "e"},
        {"numbers", "]" + repeated("K\1a")},
        {"marks", repeated("(")},
        {"stack", "(" + repeated("N") + "t"},
        {"memo", "N" + repeated("\x94")},
        {"texts", "]" + repeated("U\1xa")},
        {"objects", global("a", "b") + "q\0"s + ")R]" + repeated("h\0)Ra"s) + "a"},
        {"names of megabytes", long_text + "q\0"s + "0" + with_numbers("h\0"s, "\x93\x30", 9'000)},
        {"names", "]" + with_numbers("U\1a", "\x93\x30", kHostileBytes / 10)},
        {"escapes", "]" + repeated("V\\u0041\n0")},
        {"pickles in texts", "](" + repeated("U\7ccc\nb\n.") + "e"},
        {"a pickle in pickles", wrapped("](" + repeated("U\7ccc\nb\n.") + "e", 6)},
        {"texts of bytes", "](" + repeated("U\4\xc2\x93..") + "e"},
        {"tensors of one long text",
         long_text + "q\0"s + "0" + storage_of + "0" + global("torch._utils", "_rebuild_tensor_v2") + "q\1"s + "0](" +
             repeated("h\1(("s + text("storage") + "h\2h\0h\0K\1tQK\0(K\1tt"s + "R", kHostileBytes / 2) + "e"},
    };
}

TEST(AuditLimits, HostileFilesCostLittle) {
    const test::TempFolder folder;
    std::int64_t highest = 0;
    for (const auto& [name, value] : hostile_pickles()) {
        const auto file = write(folder.path() / "hostile.pkl", pickle(value));
        const auto size = static_cast<std::int64_t>(std::filesystem::file_size(file));
        const Cost cost = cost_of_auditing(file);
        highest = std::max(highest, cost.peak_bytes);
        RecordProperty(name, std::to_string(cost.peak_bytes >> 20) + " MiB of " + std::to_string(size >> 20));
        if (!test::kMeasuresMemory) continue;
        EXPECT_LT(cost.peak_bytes, 3 * size + 64'000'000) << name << " of " << size << " bytes";
    }
    EXPECT_TRUE(!test::kMeasuresMemory || highest > 20'000'000) << "the measurement did not look";
}

std::string deflated(const std::string& text) {
    z_stream stream = {};
    EXPECT_EQ(::deflateInit2(&stream, 1, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY), Z_OK);
    std::string out(::deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

std::string local_header(std::uint16_t extra_bytes) {
    return "PK\3\4"s + std::string(22, '\0') + little(std::uint16_t{1}) + little(extra_bytes) + "a";
}

/// Archives of some megabytes that ask for the same bytes, or the same work, again and again.
std::vector<std::pair<std::string, std::string>> hostile_archives() {
    const std::string zeros(5'000'000, '\0');
    // All of these say that their content begins at one place, behind the last.
    std::string far;
    for (std::uint32_t i = 0; i < 2'000; ++i)
        far += local_header(static_cast<std::uint16_t>((2'000 - i - 1) * local_header(0).size()));
    Zip overlapping;
    for (int i = 0; i < 64; ++i)
        overlapping.entries.push_back({.name = "a.pkl", .data = i == 0 ? repeated("N0", 900'000) + "." : ""});
    for (Entry& each : overlapping.entries) {
        each.header_offset = 0;
        each.directory_size = 900'001;
    }
    const auto bomb = [](const std::string& content) {
        return Zip{.entries = {{.name = "a.pkl", .data = deflated(content), .method = 8}}}.bytes();
    };
    return {
        {"a pickle that grows", bomb("](" + repeated("]", 60'000'000) + "e.")},
        {"a text that grows", bomb("B" + little(59'000'000U) + repeated(std::string(1'000, 'x'), 60'000'000))},
        {"headers without a size", repeated(local_header(0), 2'000'000) + zeros},
        {"headers of one place", far + zeros},
        {"signatures", repeated("PK\7\x08")},
        {"one pickle of many entries", overlapping.bytes()},
        {"pickles behind each other", repeated("N.")},
        {"pickle starts", "PK\3\4"s + repeated("\x80\2((((((((((((((((((((((((((((")},
        {"texts that name a module", "PK\3\4"s + repeated("\x8c\2os")},
        {"lines that name a class", "PK\3\4"s + repeated(std::string(63, 'c') + "\na\n")},
    };
}

TEST(AuditLimits, HostileArchivesCostLittle) {
    const test::TempFolder folder;
    for (const auto& [name, content] : hostile_archives()) {
        const auto file = write(folder.path() / "hostile.pt", content);
        const Cost cost = cost_of_auditing(file);
        RecordProperty(name, std::to_string(cost.cpu_s) + " s, " + std::to_string(cost.peak_bytes >> 20) + " MiB");
        if (!test::kMeasuresMemory) continue;
        // The slowest takes about a second. Where the work is not bounded, some of these take minutes.
        EXPECT_LT(cost.cpu_s, 4) << name;
        EXPECT_LT(cost.peak_bytes, 3 * static_cast<std::int64_t>(content.size()) + 64'000'000) << name;
    }
}

// A dangerous name is reported, however many values precede it.
TEST(AuditLimits, NamesAreFoundBehindWhatIsNotFollowed) {
    const test::TempFolder folder;
    for (const std::string& before : {"](" + repeated("]", 3'000'000) + "e", repeated("N", 5'000'000)}) {
        const auto file = write(folder.path() / "late.pkl", pickle(before + global("os", "system")));
        EXPECT_GE(cost_of_auditing(file).names, 1U);
    }
}

}  // namespace
}  // namespace yolovino::scan
