// Every exported function while memory runs out: the n-th allocation fails, for each n that there is. Either the
// function succeeds all the same, or it throws an Error.
//
// What runs a network, or asks a runtime for its devices, is left out: the runtimes are other people's, some end the
// process when an allocation fails, and one inference makes too many allocations to try each. gnuplot draws in a
// process of its own, which takes too long for so many tries. What makes JSON, as exports do, is left out, too: the
// JSON library allocates in a destructor.

#include <array>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <limits>
#include <new>

#include "integration/api_values.hpp"
#include "support/shared.hpp"

namespace {

// While armed, allocations are counted, and those from `fails_from` to `fails_to` fail.
std::atomic<bool> armed = false;
std::atomic<std::size_t> made = 0;
std::size_t fails_from = 0;
std::size_t fails_to = 0;

void* allocate(std::size_t size, std::size_t alignment) {
    if (armed) {
        const std::size_t index = made++;
        if (index >= fails_from && index <= fails_to) return nullptr;
    }
    if (alignment == 0) return std::malloc(size);
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* allocate_or_throw(std::size_t size, std::size_t alignment = 0) {
    void* const memory = allocate(size, alignment);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(std::size_t size) {
    return allocate_or_throw(size);
}
void* operator new[](std::size_t size) {
    return allocate_or_throw(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate(size, 0);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return allocate(size, 0);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using test::a_report;
using test::a_result;
using test::kSample;

constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

/// What a call did: nothing for success, or the line of its Error. @throws what it throws besides
std::string outcome_of(const std::function<void()>& body, std::size_t from, std::size_t to) {
    struct Armed {
        Armed() { armed = true; }
        ~Armed() { armed = false; }
    };
    made = 0;
    fails_from = from;
    fails_to = to;
    try {
        const Armed now;
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

/// @param most tries: those in front are all made, of those behind ever fewer
void expect_only_errors(const std::string& name, const std::function<void()>& body, double most = 1000) {
    SCOPED_TRACE(name);
    outcome_of(body, kNever, kNever);  // what is made once is made
    const std::string usual = outcome_of(body, kNever, kNever);
    const std::size_t count = made;
    const double growth = static_cast<double>(count) < most ? 1 : 1 + 4 / most;
    std::size_t failed = 0;
    for (const bool all_behind : {false, true}) {
        double step = 1;
        for (double at = 0; at < static_cast<double>(count); at += step) {
            const auto index = static_cast<std::size_t>(at);
            if (at > most / 2) step *= growth;
            try {
                const std::string outcome = outcome_of(body, index, all_behind ? kNever : index);
                if (outcome != usual) ++failed;
                EXPECT_EQ(outcome.find("bad_alloc"), std::string::npos) << outcome << " at " << index;
            } catch (const std::exception& e) {
                FAIL() << e.what() << " left it at allocation " << index << " of " << count;
            } catch (...) {
                FAIL() << "something left it at allocation " << index << " of " << count;
            }
        }
    }
    EXPECT_GT(failed, 0U) << "no allocation of " << count << " mattered: the test did not look";
}

class Memory : public testing::Test {
protected:
    fs::path in_folder(const std::string& name) const { return folder_.path() / name; }

private:
    test::TempFolder folder_;
};

void use(const auto& value) {
    static_cast<void>(value);
}

TEST_F(Memory, ErrorsNeedNoMemory) {
    std::string line;
    for (std::size_t at = 0; at < 30; ++at) {
        EXPECT_NO_THROW(outcome_of([] { use(Error(ErrorCode::NotFound, "area", "a message", {.file = "f"}, "hint")); },
                                   at, kNever));
    }
    EXPECT_EQ(outcome_of([] { throw Error(ErrorCode::NotFound, "area", "a message of many characters"); }, 0, kNever),
              "[memory] out of memory");
}

TEST_F(Memory, ImagesSurviveFailedAllocations) {
    const Image image(40, 50);
    expect_only_errors("Image", [] { use(Image(40, 50)); });
    expect_only_errors("Image of a view", [&] { use(Image(image.view())); });
    expect_only_errors("Image::clone", [&] { use(image.clone()); });
    expect_only_errors("Image refused", [] { use(Image(0, 50)); });
}

TEST_F(Memory, ResultsSurviveFailedAllocations) {
    const Results results = a_result();
    expect_only_errors("plot", [&] { use(results.plot()); });
    const fs::path jpg = in_folder("a.jpg");
    const fs::path png = in_folder("a.png");
    const fs::path txt = in_folder("a.txt");
    const fs::path crops = in_folder("crops");
    const std::string stem = "a";
    expect_only_errors("save", [&] { results.save(jpg); });
    expect_only_errors("save png", [&] { results.save(png); });
    expect_only_errors("verbose", [&] { use(results.verbose()); });
    expect_only_errors("save_txt", [&] { results.save_txt(txt, true); });
    expect_only_errors(
        "save_crop", [&] { results.save_crop(crops, stem); }, 50);
}

TEST_F(Memory, FormatsSurviveFailedAllocations) {
    ExportArgs args;
    args.format = "onnx";
    args.opset = 99;
    expect_only_errors("find_export_format", [] { use(find_export_format("no format of this name").name); });
    expect_only_errors("check_export", [&] { check_export(args); });
}

TEST_F(Memory, SinksSurviveFailedAllocations) {
    struct Large {
        char bytes[256] = {};
        void operator()(LogLevel, std::string_view) const {}
        void operator()(std::string_view, std::uint64_t, std::uint64_t) const {}
    };
    // A sink that is handed over needs none; the caller's copy may.
    const LogSink log{Large{}};
    const ProgressSink progress{Large{}};
    LogSink given_log = log;
    ProgressSink given_progress = progress;
    EXPECT_EQ(outcome_of([&] { set_log_sink(std::move(given_log)); }, 0, kNever), "");
    EXPECT_EQ(outcome_of([&] { set_progress_sink(std::move(given_progress)); }, 0, kNever), "");
    set_log_sink({});
    set_progress_sink({});
}

TEST_F(Memory, AuditSurvivesFailedAllocations) {
    const fs::path sample = kSample;
    const fs::path attack = in_folder("attack.pt");
    expect_only_errors(
        "audit", [&] { use(audit(sample)); }, 150);
    std::ofstream(attack, std::ios::binary) << "cposix\nsystem\n(Vid\ntR.";
    expect_only_errors("audit of an attack", [&] { use(audit(attack)); });
}

TEST_F(Memory, ModelsSurviveFailedAllocations) {
    const fs::path sample = kSample;
    const fs::path none = in_folder("none.pt");
    const fs::path bad = in_folder("bad.pt");
    const fs::path bad_export = in_folder("bad.onnx");
    expect_only_errors(
        "Model", [&] { use(Model(sample)); }, 150);
    expect_only_errors("Model that is not there", [&] { use(Model(none)); });
    std::ofstream(bad, std::ios::binary) << "no checkpoint";
    expect_only_errors("Model that is none", [&] { use(Model(bad)); });
    std::ofstream(bad_export, std::ios::binary) << "no network";
    expect_only_errors("Model of an export that is none", [&] { use(Model(bad_export)); });
}

TEST_F(Memory, CallsWithoutARuntimeSurviveFailedAllocations) {
    const Model model(kSample);
    ExportArgs args;
    args.output_folder = in_folder("exports");
    args.verbose = false;
    PredictArgs wrong;
    wrong.conf = 2;
    ValArgs no_data;
    no_data.data = in_folder("none.yaml");
    const Image image(40, 50);
    const std::array<std::byte, 4> bytes{};
    const std::string source = "none.jpg";
    const std::string device = "no device";
    args.int8 = true;
    expect_only_errors("export_to refused", [&] { use(model.export_to(args)); });
    expect_only_errors("predict refused", [&] { use(model.predict(source, wrong)); });
    expect_only_errors("predict of an image refused", [&] { use(model.predict(image.view(), wrong)); });
    expect_only_errors("predict of bytes refused", [&] { use(model.predict(bytes, wrong)); });
    expect_only_errors("val without data", [&] { use(model.val(no_data)); });
    expect_only_errors("layer_precisions refused", [&] { use(model.layer_precisions(device)); });
    EXPECT_FALSE(model.quantization()) << "a checkpoint has none; it allocates nothing";
}

TEST_F(Memory, ValidationsSurviveFailedAllocations) {
    ValResults results;
    results.results_dict = {{"fitness", 0.5}};
    const std::string key = "there is no key of this name";
    expect_only_errors("operator[]", [&] { use(results[key]); });
    const std::string bad = in_folder("bad.val").string();
    const std::string none = in_folder("none*.val").string();
    const ValArgs args;
    std::ofstream(bad, std::ios::binary) << "no part";
    expect_only_errors("merge_val", [&] { use(merge_val(bad, args)); });
    expect_only_errors("merge_val without files", [&] { use(merge_val(none, args)); });
}

TEST_F(Memory, BenchmarksSurviveFailedAllocations) {
    const BenchmarkReport report = a_report();
    BenchmarkArgs args;
    args.formats = "pytorch, onnx, openvino-int8";
    args.data = in_folder("none.yaml");
    const fs::path checkpoint = in_folder("a_model_whose_name_needs_memory.pt");
    const std::string format = "onnx-int8";
    const std::string no_format = "no format";
    expect_only_errors("benchmark_formats", [&] { use(benchmark_formats(args)); });
    expect_only_errors("BenchmarkRow", [&] { use(BenchmarkRow(checkpoint, format)); });
    expect_only_errors("BenchmarkRow refused", [&] { use(BenchmarkRow(checkpoint, no_format)); });
    expect_only_errors("to_table", [&] { use(to_table(report)); });
    expect_only_errors("benchmark", [&] { use(benchmark(checkpoint, format, args)); });
    args.project = in_folder("file").string();
    std::ofstream(in_folder("file")) << "no folder";
    expect_only_errors("save_benchmark refused", [&] { use(save_benchmark(report, args)); });
}

TEST_F(Memory, ComparisonsSurviveFailedAllocations) {
    AgreeArgs args;
    for (AgreeSide& side : args.sides) side.model = in_folder("none.pt").string();
    args.sides[0].runtime.kind = Runtime::OpenVino;
    args.sides[1].runtime.kind = Runtime::OnnxRuntime;
    expect_only_errors("agree", [&] { use(agree(args)); });
}

}  // namespace
}  // namespace yolovino
