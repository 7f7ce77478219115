#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <openvino/op/ops.hpp>
#include <openvino/openvino.hpp>
#include <set>

#include "yolovino/error.hpp"

#include "openvino/placement.hpp"
#include "runtime/openvino/import/import.hpp"
#include "support/files.hpp"
#include "support/raw_output.hpp"
#include "support/shared.hpp"
#include "support/tolerances.hpp"

namespace yolovino::runtime {
namespace {

namespace fs = std::filesystem;

const tensors::OutputLayout kDetect{.rows = {.text = "[N, 4 + classes, anchors]", .box_rows = 4}};

const fs::path kLayers = YOLOVINO_SOURCE_DIR "/tests/data/imports/layers";
constexpr ImageSize kSize{64, 64};

struct Row {
    std::string file;
    std::string golden;
    bool nhwc;
    bool anchors_first;
    bool relative = false;
};

void PrintTo(const Row& row, std::ostream* stream) {
    *stream << row.file;
}

/// As `make_keras.py` and `make_caffe.py` make it.
test::NpyArray<std::uint8_t> recorded_image() {
    test::NpyArray<std::uint8_t> pixels{{64, 64, 3}, {}};
    for (int i = 0; i < 64 * 64 * 3; ++i) pixels.values.push_back(static_cast<std::uint8_t>(i * 37 % 256));
    return pixels;
}

Framework framework_of(const fs::path& file) {
    const fs::path suffix = file.extension();
    if (suffix == ".onnx") return Framework::Onnx;
    return suffix == ".prototxt" || suffix == ".caffemodel" ? Framework::Caffe : Framework::Keras;
}

ImportShape usual() {
    ImportShape shape;
    shape.usual = kSize;
    return shape;
}

/// Reports on quantization speak of convolutions by their names.
TEST(LayerNames, ConvolutionsAreCalledAsInTheFile) {
    for (const char* file : {"tiny.caffemodel", "tiny.keras", "tiny.h5", "more.caffemodel", "more.keras"}) {
        const ImportedNetwork imported = import_network(kLayers / file, framework_of(file), usual(), kDetect);
        std::set<std::string> names;
        std::size_t convolutions = 0;
        for (const auto& node : imported.model->get_ordered_ops()) {
            EXPECT_TRUE(names.insert(node->get_friendly_name()).second) << file << ": " << node->get_friendly_name();
            if (!ov::is_type<ov::op::v1::Convolution>(node) && !ov::is_type<ov::op::v1::GroupConvolution>(node))
                continue;
            ++convolutions;
            EXPECT_NE(node->get_friendly_name(), node->get_name()) << file;
            const std::string layer = openvino::layer_name(node->get_friendly_name());
            EXPECT_EQ(layer.find("onvolution_"), std::string::npos) << file << ": " << layer;
        }
        EXPECT_GT(convolutions, 0U) << file;
    }
    const ImportedNetwork caffe = import_network(kLayers / "tiny.caffemodel", Framework::Caffe, usual(), kDetect);
    const std::string text = test::content(kLayers / "tiny.prototxt");
    for (const auto& node : caffe.model->get_ordered_ops()) {
        if (!ov::is_type<ov::op::v1::Convolution>(node)) continue;
        const std::string layer = openvino::layer_name(node->get_friendly_name());
        EXPECT_NE(text.find('"' + layer + '"'), std::string::npos) << layer;
    }
}

/// `inception/1x1` and `inception/3x3` of a Caffe model are two layers, as are all convolutions of an ONNX file.
TEST(LayerNames, OnlyWhatOpenVinoAddsIsRemoved) {
    const std::pair<const char*, const char*> rows[] = {
        {"__module.model.2.cv1.conv/aten::_convolution/Convolution", "2.cv1"},
        {"model.2.cv1.conv.without_bias", "2.cv1"},
        {"/model.2/cv1/conv/Conv/WithoutBiases", "/model.2/cv1/conv/Conv"},
        {"StatefulPartitionedCall/model/conv2d/Conv2D", "StatefulPartitionedCall/model/conv2d/Conv2D"},
        {"inception/3x3.without_bias", "inception/3x3"},
        {"separable/Convolution_12", "separable"},
        {"separable/GroupConvolution_3", "separable"},
    };
    for (const auto& [node, layer] : rows) EXPECT_EQ(openvino::layer_name(node), layer);
}

class LayerImports : public testing::TestWithParam<Row> {};

/// The recorded outputs are TensorFlow's for the Keras models, OpenCV's for the Caffe model, ONNX Runtime's for ONNX.
TEST_P(LayerImports, AnswerAsInTheirOwnRuntime) {
    const Row& row = GetParam();
    const ImportedNetwork imported = import_network(kLayers / row.file, framework_of(row.file), usual(), kDetect);
    EXPECT_EQ(imported.nhwc, row.nhwc);
    EXPECT_EQ(imported.anchors_first, row.anchors_first);
    EXPECT_EQ(imported.relative_boxes, row.relative);
    EXPECT_EQ(imported.classes, 3);
    EXPECT_EQ(imported.shape, (InputShape{1, kSize}));
    const auto loaded = load_import(kLayers / row.file, framework_of(row.file), kSize, kDetect);
    const test::Run run(*loaded, recorded_image());
    const auto golden = test::read_npy<float>(kLayers / "golden" / (row.golden + ".npy"));
    ASSERT_EQ(run.shape, golden.shape);
    const test::Drift drift = run.drift_from(golden);
    EXPECT_LE(drift.box_px, test::kRawBoxPx);  // measured: 7.6e-6 to 1.5e-5, boxes reach 109 px
    EXPECT_LE(drift.score, test::kRawScore);   // measured: 1.2e-7 to 1.5e-7
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, LayerImports,
    testing::Values(Row{"tiny.keras", "keras", true, true}, Row{"tiny.h5", "h5", true, false},
                    Row{"tiny.caffemodel", "caffe", false, false}, Row{"tiny.prototxt", "caffe", false, false},
                    Row{"tiny_nhwc.onnx", "nhwc", true, false}, Row{"more.caffemodel", "more_caffe", false, false},
                    Row{"more.keras", "more_keras", true, true}, Row{"more.h5", "more_h5", true, true},
                    Row{"more_keras3.h5", "more_keras3_h5", true, true}, Row{"row.h5", "row", true, true, true}),
    [](const auto& test) {
        std::string name = test.param.file;
        std::ranges::replace(name, '.', '_');
        return name;
    });

TEST(LayerImport, KerasAndCaffeTakeTheRequestedBatch) {
    for (const char* name : {"tiny.keras", "tiny.h5", "tiny.caffemodel"}) {
        const ImportShape shape{.keep = false, .dynamic = false, .fixed = {2, kSize}, .usual = kSize};
        EXPECT_EQ(import_network(kLayers / name, framework_of(name), shape, kDetect).shape, (InputShape{2, kSize}))
            << name;
    }
}

using test::content;

/// A copy of the Caffe and Keras models in which one text stands for another.
class Forged {
public:
    fs::path file(const char* name) const { return folder_.path() / name; }
    void write(const char* name, const std::string& bytes) const {
        std::ofstream(file(name), std::ios::binary) << bytes;
    }
    void take(const char* name) const { write(name, content(kLayers / name)); }
    void replace(const char* name, const std::string& what, const std::string& with) const {
        std::string bytes = content(kLayers / name);
        const std::size_t at = bytes.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        bytes.replace(at, what.size(), with);
        write(name, bytes);
    }

    /// The one line that says what is wrong.
    std::string refusal(const char* name, ErrorCode wanted) const {
        try {
            static_cast<void>(import_network(file(name), framework_of(name), usual(), kDetect));
        } catch (const Error& e) {
            const std::string what = e.what();
            EXPECT_EQ(e.code(), wanted) << what;
            EXPECT_EQ(what.find('\n'), std::string::npos) << what;
            return what;
        }
        ADD_FAILURE() << name << " was taken";
        return {};
    }

private:
    test::TempFolder folder_;
};

void expect_in(const std::string& what, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(what.find(part), std::string::npos) << part << " in: " << what;
}

/// What is changed in a layer shows in the output, so the recorded answers speak for the layers.
TEST(LayerImport, EveryLayerReachesTheOutput) {
    const std::pair<const char*, const char*> changes[] = {
        {R"("gelu")", R"("relu")"},
        {R"("mish")", R"("relu")"},
        {R"("tanh")", R"("relu")"},
        {R"("softmax")", R"("sigmoid")"},
        {R"("Subtract")", R"("Multiply")"},
        {R"("offset": [-1.0)", R"("offset": [-1.5)"},
        {R"("dilation_rate": [2, 2])", R"("dilation_rate": [1, 1])"},
    };
    const auto golden = test::read_npy<float>(kLayers / "golden" / "more_h5.npy");
    const Forged forged;
    for (const auto& [what, with] : changes) {
        forged.replace("more.h5", what, with);
        const test::Run run(*load_import(forged.file("more.h5"), Framework::Keras, kSize, kDetect), recorded_image());
        ASSERT_EQ(run.shape, golden.shape);
        EXPECT_GT(run.drift_from(golden).score, 10 * test::kRawScore) << what;
    }
}

/// OpenCV does not read them, so they take the place of layers that do the same.
TEST(LayerImport, BiasClipAndUpsampleDoWhatOthersDo) {
    struct Change {
        std::string stem;
        std::string golden;
        std::string from;
        std::string to;
    };
    const Change changes[] = {
        {"tiny", "caffe",
         "type: \"Deconvolution\"\n  bottom: \"n4g\"\n  top: \"up3\"\n  convolution_param { num_output: 16 "
         "kernel_size: 2 "
         "stride: 2 group: 16 bias_term: false }",
         "type: \"Upsample\"\n  bottom: \"n4g\"\n  top: \"up3\"\n  upsample_param { scale: 2 }"},
        {"tiny", "caffe", "type: \"ReLU\"\n  bottom: \"c2\"\n  top: \"c2\"",
         "type: \"Clip\"\n  bottom: \"c2\"\n  top: \"c2\"\n  clip_param { min: 0 max: 1000 }"},
        {"more", "more_caffe",
         "type: \"Eltwise\"\n  bottom: \"gated\"\n  bottom: \"lines\"\n  top: \"p3\"\n  eltwise_param { operation: SUM "
         "}",
         "type: \"Bias\"\n  bottom: \"gated\"\n  bottom: \"lines\"\n  top: \"p3\"\n  bias_param { axis: 0 }"},
    };
    for (const Change& change : changes) {
        const Forged forged;
        forged.take((change.stem + ".caffemodel").c_str());
        forged.replace((change.stem + ".prototxt").c_str(), change.from, change.to);
        const test::Run run(
            *load_import(forged.file((change.stem + ".prototxt").c_str()), Framework::Caffe, kSize, kDetect),
            recorded_image());
        const test::Drift drift = run.drift_from(test::read_npy<float>(kLayers / "golden" / (change.golden + ".npy")));
        EXPECT_LE(drift.box_px, test::kRawBoxPx) << change.to;
        EXPECT_LE(drift.score, test::kRawScore) << change.to;
    }
}

TEST(LayerImport, CaffeNeedsBothFiles) {
    const Forged forged;
    forged.take("tiny.prototxt");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::NotFound), {"tiny.caffemodel", "side by side"});
    fs::remove(forged.file("tiny.prototxt"));
    forged.take("tiny.caffemodel");
    expect_in(forged.refusal("tiny.caffemodel", ErrorCode::NotFound), {"tiny.prototxt", "side by side"});
}

TEST(LayerImport, UnknownLayersAreNamed) {
    const Forged forged;
    forged.take("tiny.caffemodel");
    forged.replace("tiny.prototxt", "\"Softmax\"", "\"Reorg\"");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::UnsupportedModel), {"Reorg layer is not read", "in prob"});
    forged.replace("tiny.h5", "\"LeakyReLU\"", "\"ThirdReLU\"");
    expect_in(forged.refusal("tiny.h5", ErrorCode::UnsupportedModel),
              {"ThirdReLU layer is not read", "in leaky_re_lu"});
    forged.replace("tiny.h5", "\"softplus\"", "\"softmist\"");
    expect_in(forged.refusal("tiny.h5", ErrorCode::UnsupportedModel), {"activation 'softmist'", "in sides"});
}

TEST(LayerImport, WeightsOfAnotherSizeAreRefused) {
    const Forged forged;
    forged.take("tiny.caffemodel");
    forged.replace("tiny.prototxt", "num_output: 8 ", "num_output: 9 ");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::ShapeMismatch),
              {"Convolution", "216 values", "wanted 243", "c1"});
    forged.replace("tiny.prototxt", "name: \"c1\"\n", "name: \"c0\"\n");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::CorruptFile), {"has 0 weights", "c0"});
    forged.replace("tiny.h5", "\"filters\": 8", "\"filters\": 4");
    expect_in(forged.refusal("tiny.h5", ErrorCode::ShapeMismatch), {"Conv2D", "[3, 3, 3, 8]", "wanted [3, 3, 3, 4]"});
}

TEST(LayerImport, WrongTextsAreRefused) {
    const Forged forged;
    forged.take("tiny.caffemodel");
    forged.replace("tiny.prototxt", "bottom: \"data\"", "bottom: \"date\"");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::CorruptFile), {"'date', which no earlier layer gives", "c1"});
    forged.replace("tiny.prototxt", "num_output: 8 ", "num_output: x ");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::CorruptFile), {"line 13"});
    forged.replace("tiny.prototxt", "stride: 2 ", "stride: 0 ");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::CorruptFile), {"out of range", "c1"});
    forged.write("tiny.prototxt", "layers { name: \"a\" }\n");
    expect_in(forged.refusal("tiny.prototxt", ErrorCode::UnsupportedFile), {"upgrade_net_proto_text"});
    forged.write("tiny.prototxt", "");
    forged.refusal("tiny.prototxt", ErrorCode::UnsupportedFile);
    forged.replace("tiny.h5", "[\"image\", 0, 0", "[\"imago\", 0, 0");
    expect_in(forged.refusal("tiny.h5", ErrorCode::CorruptFile), {"'imago:0:0', which no earlier layer gives"});
    forged.replace("tiny.h5", "\"Functional\"", "\"MyOwnModel\"");
    expect_in(forged.refusal("tiny.h5", ErrorCode::UnsupportedModel), {"'MyOwnModel'"});
}

TEST(LayerImport, TextsBeyondTheirHeapAreRefused) {
    const std::string heap("GCOL\1\0\0\0", 8);
    const std::string whole = content(kLayers / "tiny.h5");
    const std::size_t at = whole.find(heap);
    ASSERT_NE(at, std::string::npos) << "the test does not look";
    const Forged forged;
    for (const std::size_t place : {at + 8 + 6, at + 16 + 8 + 6}) {  // the size of the heap, of its first text
        std::string bytes = whole;
        bytes[place] = '\x7F';
        forged.write("tiny.h5", bytes);
        expect_in(forged.refusal("tiny.h5", ErrorCode::CorruptFile), {"beyond"});
    }
}

TEST(LayerImport, TruncatedFilesGiveOneLine) {
    for (const char* name : {"tiny.keras", "tiny.h5", "tiny.caffemodel", "tiny.prototxt"}) {
        const std::string whole = content(kLayers / name);
        const Forged forged;
        for (const char* other : {"tiny.caffemodel", "tiny.prototxt"}) forged.take(other);
        for (const std::size_t bytes : {std::size_t{0}, std::size_t{9}, whole.size() / 2, whole.size() - 9}) {
            forged.write(name, whole.substr(0, bytes));
            try {
                static_cast<void>(import_network(forged.file(name), framework_of(name), usual(), kDetect));
                ADD_FAILURE() << name << " of " << bytes << " bytes was taken";
            } catch (const Error& e) {
                const std::string what = e.what();
                EXPECT_TRUE(e.code() == ErrorCode::CorruptFile || e.code() == ErrorCode::UnsupportedFile) << what;
                EXPECT_EQ(what.find('\n'), std::string::npos) << what;
            }
        }
    }
}

}  // namespace
}  // namespace yolovino::runtime
