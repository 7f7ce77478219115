// Every exported function that reads or writes files, with a file system that refuses: what it throws is an Error with
// the right code. Permissions are left out, since they do not hold for root.

#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <utility>
#include <vector>

#include "integration/api_values.hpp"
#include "support/shared.hpp"

namespace yolovino {
namespace {

namespace fs = std::filesystem;
using test::a_report;
using test::a_result;
using test::kSample;

class Files : public testing::Test {
protected:
    Files() { std::ofstream(in("file")) << "no folder"; }

    fs::path in(const fs::path& name) const { return folder_.path() / name; }

    /// Places where nothing can be: under a file, under what is no folder of this system, and behind a name that is too
    /// long.
    std::vector<fs::path> impossible(const std::string& suffix) const {
        return {in("file") / ("a" + suffix), "/proc/yolovino" / fs::path("a" + suffix),
                in(std::string(300, 'a') + suffix), in(fs::path(std::string(300, 'b')) / ("a" + suffix))};
    }

    static void expect(ErrorCode code, const std::function<void()>& body, const fs::path& at = {}) {
        try {
            body();
            ADD_FAILURE() << "nothing was thrown for " << at;
        } catch (const Error& error) {
            EXPECT_EQ(to_string(error.code()), to_string(code)) << at << ": " << error.what();
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what() << " left it for " << at;
        }
    }

private:
    test::TempFolder folder_;
};

void use(const auto& value) {
    static_cast<void>(value);
}

TEST_F(Files, ErrorsForModelsThatCannotBeRead) {
    for (const char* suffix : {".pt", ".onnx", ".xml", ".torchscript", ".pb", ".tflite", ".prototxt", ".h5"}) {
        for (const fs::path& file : impossible(suffix)) {
            const bool long_name = file.string().size() > 250;
            try {
                use(Model(file));
                ADD_FAILURE() << file << " was read";
            } catch (const Error& error) {
                const bool right =
                    error.code() == ErrorCode::NotFound || (long_name && error.code() == ErrorCode::IoFailure);
                EXPECT_TRUE(right) << error.what() << " of code " << to_string(error.code());
            } catch (const std::exception& e) {
                ADD_FAILURE() << e.what() << " left it for " << file;
            }
        }
    }
    expect(ErrorCode::NotFound, [] { use(Model("")); });
}

TEST_F(Files, ErrorsForFilesThatCannotBeAudited) {
    expect(ErrorCode::NotFound, [&] { use(audit(in("none.pt"))); });
    expect(ErrorCode::NotFound, [&] { use(audit(in("file") / "a.pt")); });
    expect(ErrorCode::InvalidArgument, [&] { use(audit(in("."))); });
    expect(ErrorCode::UnsupportedFile, [&] { use(audit("/dev/full")); });
    expect(ErrorCode::IoFailure, [&] { use(audit(in(std::string(300, 'a')))); });
}

TEST_F(Files, ErrorsForResultsThatCannotBeWritten) {
    const Results results = a_result();
    for (const fs::path& file : impossible(".jpg"))
        expect(
            ErrorCode::IoFailure, [&] { results.save(file); }, file);
    for (const fs::path& file : impossible(".txt"))
        expect(
            ErrorCode::IoFailure, [&] { results.save_txt(file); }, file);
    for (const fs::path& folder : impossible(""))
        expect(
            ErrorCode::IoFailure, [&] { results.save_crop(folder, "a"); }, folder);
    expect(ErrorCode::IoFailure, [&] { results.save_crop(in("crops"), std::string(300, 'a')); });
    expect(ErrorCode::InvalidArgument, [&] { results.save(in("a.xyz")); });
}

TEST_F(Files, ErrorsForLabelsOnAFullDisk) {
    fs::create_symlink("/dev/full", in("full.txt"));
    expect(ErrorCode::IoFailure, [&] { a_result().save_txt(in("full.txt")); });
    EXPECT_TRUE(fs::is_symlink(in("full.txt"))) << "what was there before stays";
    EXPECT_TRUE(fs::exists("/dev/full"));
}

TEST_F(Files, ErrorsForExportsThatCannotBeWritten) {
    const Model model(kSample);
    for (const char* format : {"torchscript", "onnx", "openvino"}) {
        for (const fs::path& folder : impossible("")) {
            ExportArgs args;
            args.format = format;
            args.imgsz = {64, 64};
            args.verbose = false;
            args.output_folder = folder;
            expect(
                ErrorCode::IoFailure, [&] { use(model.export_to(args)); }, folder);
        }
    }
}

TEST_F(Files, ErrorsForShardsThatCannotBeRead) {
    expect(ErrorCode::NotFound, [&] { use(merge_val(in("none.val").string())); });
    expect(ErrorCode::NotFound, [&] { use(merge_val((in("file") / "a.val").string())); });
    expect(ErrorCode::NotFound, [&] { use(merge_val("")); });
    expect(ErrorCode::CorruptFile, [&] { use(merge_val(in("file").string())); });
    expect(ErrorCode::InvalidArgument, [&] { use(merge_val(in(".").string())); });
    expect(ErrorCode::IoFailure, [&] { use(merge_val(in(std::string(300, 'a')).string())); });
}

TEST_F(Files, ErrorsForDatasetsThatCannotBeRead) {
    const Model model(kSample);
    for (const fs::path& file : {in("none.yaml"), in("file") / "a.yaml", fs::path("/proc/yolovino/a.yaml")}) {
        ValArgs args;
        args.data = file;
        args.save = args.plots = args.verbose = false;
        expect(
            ErrorCode::NotFound, [&] { use(model.val(args)); }, file);
    }
}

TEST_F(Files, ErrorsForRunFoldersThatCannotBeMade) {
    BenchmarkArgs args;
    for (const fs::path& folder : impossible("")) {
        args.project = folder.string();
        expect(
            ErrorCode::IoFailure, [&] { use(save_benchmark(a_report(), args)); }, folder);
    }
}

/// One model with two runtimes.
AgreeArgs two_runtimes(const fs::path& model) {
    AgreeArgs args;
    args.sides = {AgreeSide{.model = model.string(), .runtime = {.kind = Runtime::OpenVino}},
                  AgreeSide{.model = model.string(), .runtime = {.kind = Runtime::OnnxRuntime}}};
    args.source = kSample;
    return args;
}

TEST_F(Files, ErrorsForComparedModelsThatCannotBeRead) {
    expect(ErrorCode::NotFound, [&] { use(agree(two_runtimes(in("none.pt")))); });
    expect(ErrorCode::NotFound, [&] { use(agree(two_runtimes((in("file") / "a.pt")))); });
    expect(ErrorCode::IoFailure, [&] { use(agree(two_runtimes(in(std::string(300, 'a') + ".pt")))); });
}

}  // namespace
}  // namespace yolovino
