#include "runtime/openvino/import/frontends.hpp"

#include <fmt/format.h>
#include <openvino/frontend/exception.hpp>
#include <openvino/frontend/manager.hpp>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "imports/caffe.hpp"
#include "imports/keras.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/import/caffe.hpp"
#include "runtime/openvino/import/keras.hpp"
#include "runtime/openvino/session/network.hpp"

namespace yolovino::runtime {

namespace fs = std::filesystem;
using openvino::reason_in;

namespace {

constexpr const char* kArea = "import";

/// OpenVINO's name of the reader.
const char* reader_of(Framework framework) {
    switch (framework) {
        case Framework::OpenVino:
            return "ir";
        case Framework::Onnx:
            return "onnx";
        case Framework::TensorFlow:
            return "tf";
        case Framework::TfLite:
            return "tflite";
        case Framework::Paddle:
            return "paddle";
        case Framework::Caffe:
        case Framework::Keras:
            break;
    }
    return "";
}

ov::frontend::FrontEnd::Ptr open_reader(Framework framework) {
    // The readers' libraries stay loaded as long as the manager, and models may use their code.
    static ov::frontend::FrontEndManager manager;
    ov::frontend::FrontEnd::Ptr reader;
    try {
        reader = manager.load_by_framework(reader_of(framework));
    } catch (const std::exception&) {
        reader = nullptr;
    }
    if (reader == nullptr) {
        throw Error(ErrorCode::MissingComponent, kArea,
                    fmt::format("OpenVINO's reader for {} is not installed", title_of(framework)), {},
                    "it is libopenvino_*_frontend.so beside libopenvino.so");
    }
    return reader;
}

}  // namespace

std::string_view title_of(Framework framework) {
    switch (framework) {
        case Framework::OpenVino:
            return "OpenVINO";
        case Framework::Onnx:
            return "ONNX";
        case Framework::TensorFlow:
            return "TensorFlow";
        case Framework::TfLite:
            return "TensorFlow Lite";
        case Framework::Paddle:
            return "PaddlePaddle";
        case Framework::Caffe:
            return "Caffe";
        case Framework::Keras:
            return "Keras";
    }
    return "";
}

std::shared_ptr<ov::Model> read_framework(const fs::path& file, Framework framework) {
    if (framework == Framework::OpenVino) return read_openvino(file);
    if (framework == Framework::Caffe) return build_caffe(imports::read_caffe(file));
    if (framework == Framework::Keras) return build_keras(imports::read_keras(file));
    const auto fail = [&](ErrorCode code, const std::string& message, std::string_view hint = {}) {
        throw Error(code, kArea, message, {.file = file.string()}, hint);
    };
    if (framework == Framework::Paddle && file.extension() == ".json") {
        fail(ErrorCode::UnsupportedFile, "OpenVINO does not read Paddle's newer programs (.json)",
             "save the model with FLAGS_enable_pir_api=0, which writes .pdmodel");
    }
    const ov::frontend::FrontEnd::Ptr reader = open_reader(framework);
    try {
        if (!reader->supported(file.string()))
            fail(ErrorCode::UnsupportedFile, fmt::format("not a {} model", title_of(framework)));
        const ov::frontend::InputModel::Ptr model = reader->load(file.string());
        if (model == nullptr) fail(ErrorCode::CorruptFile, fmt::format("the {} model is empty", title_of(framework)));
        return reader->convert(model);
    } catch (const Error&) {
        throw;
    } catch (const ov::frontend::OpConversionFailure& e) {
        fail(ErrorCode::UnsupportedModel, fmt::format("OpenVINO does not read an operation: {}", reason_in(e.what())));
    } catch (const ov::frontend::NotImplementedFailure& e) {
        fail(ErrorCode::UnsupportedModel, fmt::format("OpenVINO does not read it: {}", reason_in(e.what())));
    } catch (const std::exception& e) {
        fail(ErrorCode::CorruptFile,
             fmt::format("cannot read the {} model: {}", title_of(framework), reason_in(e.what())));
    }
    return nullptr;
}

}  // namespace yolovino::runtime
