#include "support/forge_checkpoint.hpp"

namespace yolovino::test::forge {
namespace {

using namespace std::string_literals;
using FileKindTest = CheckpointTest;

TEST_F(FileKindTest, FilesOfOtherFormatsAreNamed) {
    std::string tar(600, '\0');
    tar.replace(257, 5, "ustar");
    const Pairs cases{{"", "empty file"},
                      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git-LFS pointer"},
                      {"\n<!DOCTYPE html><html>", "HTML page"},
                      {"<HTML><body>Not found</body>", "HTML page"},
                      {tar, "tar archive"},
                      {"\x08\x07\x12\x07pytorch\x1a"s, "ONNX model"},
                      {"\x10\0\0\0\0\0\0\0{\"a\":1}         "s, "safetensors"},
                      {"7z\xbc\xaf\x27\x1c\0\x04"s, "7z archive"},
                      {"\x1f\x8b\x08"s, "gzip file"},
                      {"PYTORCH1xx", "preview PyTorch archive"},
                      {"\x80\x04N.", "bare pickle"},
                      {"import torch\nprint('hello')\n", "Python script"},
                      {"just words\n", "text file"},
                      {"\x01\x02\x03\x04", "unknown kind"}};
    for (const auto& [bytes, words] : cases) expect_refused(bytes, ErrorCode::UnsupportedFile, words);
}

TEST_F(FileKindTest, ArchivesOfOtherFormatsAreNamed) {
    const auto with = [](const std::string& name) {
        Zip zip = archive(pickle(minimal_pickle()));
        zip.entries.push_back({.name = name, .data = "x"});
        return zip.bytes();
    };
    expect_refused(with("best/constants.pkl"), ErrorCode::UnsupportedFile, "TorchScript");
    expect_refused(with("best/.data/extern_modules"), ErrorCode::UnsupportedFile, "torch.package");
    expect_refused(with("best/archive_format"), ErrorCode::UnsupportedFile, "torch.export");
    expect_refused(Zip{.entries = {{.name = "readme.txt", .data = "x"}}}.bytes(), ErrorCode::UnsupportedFile,
                   "without data.pkl");
    expect_refused(Zip{}.bytes(), ErrorCode::UnsupportedFile, "not a checkpoint");
}

TEST_F(FileKindTest, TorchScriptIsNamedThoughItsCodeIsCompressed) {
    Zip zip = archive(pickle("N"));
    zip.entries.push_back({.name = "best/constants.pkl", .data = "x"});
    zip.entries.push_back({.name = "best/code/__torch__.py", .data = "x", .method = 8});
    expect_refused(zip.bytes(), ErrorCode::UnsupportedFile, "TorchScript");
}

TEST_F(FileKindTest, FoldersAndMissingFilesAreReported) {
    const auto code_of = [](const std::filesystem::path& path) -> std::optional<ErrorCode> {
        try {
            checkpoint::Checkpoint::open(path);
        } catch (const Error& error) {
            return error.code();
        }
        return std::nullopt;
    };
    EXPECT_EQ(code_of(folder_.path()), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(folder_.path() / "absent.pt"), ErrorCode::NotFound);
}

}  // namespace
}  // namespace yolovino::test::forge
