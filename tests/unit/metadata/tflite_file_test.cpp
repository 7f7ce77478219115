#include "metadata/tflite_file.hpp"

#include <fstream>
#include <gtest/gtest.h>

#include "yolovino/error.hpp"

#include "metadata/graph_def_file.hpp"
#include "support/forge_zip.hpp"
#include "support/shared.hpp"

namespace yolovino::metadata {
namespace {

namespace fs = std::filesystem;

const fs::path kImports = YOLOVINO_SOURCE_DIR "/tests/data/imports";
const std::string kNetwork = std::string("\x1c\0\0\0TFL3", 8) + std::string(100, 'n');

class TfLite : public testing::Test {
protected:
    fs::path written(const std::string& bytes) const {
        const fs::path file = folder.path() / "m.tflite";
        std::ofstream(file, std::ios::binary) << bytes;
        return file;
    }
    static std::string archive(const std::string& name, const std::string& text) {
        test::forge::Zip zip;
        zip.entries = {{.name = name, .data = text}};
        zip.prefix = kNetwork;
        return zip.bytes();
    }
    ErrorCode code_of(const std::string& bytes) const {
        try {
            static_cast<void>(read_tflite(written(bytes)));
        } catch (const Error& e) {
            return e.code();
        }
        ADD_FAILURE() << "the file was taken";
        return ErrorCode::IoFailure;
    }
    test::TempFolder folder;
};

TEST_F(TfLite, ReadsWhatUltralyticsAppends) {
    for (const char* name : {"yolov8-tiny_float16.tflite", "yolov8-tiny_litert.tflite"}) {
        const auto tree = read_tflite(kImports / name);
        ASSERT_TRUE(tree) << name;
        EXPECT_EQ(tree->find("names")->find("3")->as_text(), "star") << name;
        EXPECT_EQ(tree->find("stride")->as_int(), 32) << name;
    }
}

TEST_F(TfLite, ReadsThePythonTextOfOlderExporters) {
    const auto tree = read_tflite(written(archive("temp_meta.txt", "{'task': 'detect', 'names': {0: 'a, b'}}")));
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->find("task")->as_text(), "detect");
    EXPECT_EQ(tree->find("names")->find("0"), nullptr);  // ids are numbers there
    ASSERT_NE(tree->find("names")->get<Value::Map>(), nullptr);
    EXPECT_EQ(tree->find("names")->get<Value::Map>()->front().value.as_text(), "a, b");
}

TEST_F(TfLite, MetadataMayBeMissing) {
    EXPECT_FALSE(read_tflite(written(kNetwork)));
}

TEST_F(TfLite, RefusesOtherFilesAndDamage) {
    EXPECT_EQ(code_of(""), ErrorCode::UnsupportedFile);
    EXPECT_EQ(code_of("PNG"), ErrorCode::UnsupportedFile);
    EXPECT_EQ(code_of(archive("metadata.json", "{'not': json")), ErrorCode::CorruptFile);
    EXPECT_EQ(code_of(archive("metadata.json", "{}") + "tail"), ErrorCode::CorruptFile);
}

TEST(GraphDef, AcceptsRealTensorFlowFiles) {
    EXPECT_NO_THROW(check_graph_def(kImports / "yolov8-tiny.pb"));
    EXPECT_NO_THROW(check_saved_model(kImports / "yolov8-tiny_saved_model" / "saved_model.pb"));
}

TEST(GraphDef, SavedModelAndFrozenGraphAreDistinguished) {
    EXPECT_THROW(check_saved_model(kImports / "yolov8-tiny.pb"), Error);
    EXPECT_THROW(check_graph_def(kImports / "yolov8-tiny_saved_model" / "saved_model.pb"), Error);
}

}  // namespace
}  // namespace yolovino::metadata
