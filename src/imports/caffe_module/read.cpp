#include <algorithm>
#include <fmt/format.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "base/fail.hpp"
#include "base/file.hpp"
#include "imports/caffe.hpp"
#include "yolovino_caffe.pb.h"

namespace yolovino::imports {

namespace {

namespace fs = std::filesystem;
namespace pb = google::protobuf;
using nlohmann::json;

constexpr std::uint64_t kMaxTextBytes = 64ULL << 20U;
constexpr std::uint64_t kMaxWeightBytes = std::numeric_limits<int>::max();  // protobuf's
constexpr int kMaxNesting = 64;

[[noreturn]] void fail(ErrorCode code, const std::string& message, const fs::path& file, std::string_view hint = {}) {
    throw Error(code, "import", message, {.file = file.string()}, hint);
}

using Remark = void (*)(std::string_view line);

/// Keeps the first thing that the parser found wrong, and the unknown fields.
class Findings : public pb::io::ErrorCollector {
public:
    explicit Findings(Remark remark) : remark_(remark) {}
    void AddError(int line, pb::io::ColumnNumber column, const std::string& message) override {
        if (error.empty())
            error = fmt::format("line {}, column {}: {}", line + 1, column + 1, base::printable(message));
    }
    void AddWarning(int line, pb::io::ColumnNumber, const std::string& message) override {
        remark_(fmt::format("prototxt, line {}: {}", line + 1, base::printable(message)));
    }
    std::string error;

private:
    Remark remark_;
};

caffe::TextNet parse_text(const fs::path& file, Remark remark) {
    const std::string text = base::read_text_file(file, kMaxTextBytes);
    Findings findings(remark);
    pb::TextFormat::Parser parser;
    parser.RecordErrorsTo(&findings);
    parser.AllowUnknownField(true);  // layers that are refused later, by their names, have fields of their own
    parser.SetRecursionLimit(kMaxNesting);
    caffe::TextNet net;
    if (!parser.ParseFromString(text, &net) || !findings.error.empty()) {
        fail(ErrorCode::CorruptFile, "not a network in Caffe's text form: " + findings.error, file);
    }
    if (net.layers_size() > 0) {
        fail(ErrorCode::UnsupportedFile, "the network is in the older form ('layers' instead of 'layer')", file,
             "Caffe's tool upgrade_net_proto_text brings it into the newer one");
    }
    if (net.layer_size() == 0) fail(ErrorCode::UnsupportedFile, "the text describes no layers", file);
    return net;
}

Array array_of(const caffe::BlobProto& blob) {
    Array array;
    if (blob.has_shape()) {
        array.shape.assign(blob.shape().dim().begin(), blob.shape().dim().end());
    } else {
        array.shape = {blob.num(), blob.channels(), blob.height(), blob.width()};
    }
    if (blob.double_data_size() > 0) {
        for (const double value : blob.double_data()) array.values.push_back(static_cast<float>(value));
    } else {
        array.values.assign(blob.data().begin(), blob.data().end());
    }
    return array;
}

using WeightsByLayer = std::map<std::string, std::shared_ptr<const std::vector<Array>>>;

template <typename Layers>
void take_weights(const Layers& layers, const fs::path& file, WeightsByLayer& into) {
    for (const auto& layer : layers) {
        if (layer.blobs_size() == 0) continue;
        std::vector<Array> arrays;
        for (const caffe::BlobProto& blob : layer.blobs()) {
            arrays.push_back(array_of(blob));
            std::uint64_t count = 1;
            for (const std::int64_t dim : arrays.back().shape) {
                if (dim <= 0 || static_cast<std::uint64_t>(dim) > kMaxWeightBytes / count) {
                    count = 0;
                    break;
                }
                count *= static_cast<std::uint64_t>(dim);
            }
            if (count == arrays.back().values.size() && count > 0) continue;
            throw Error(
                ErrorCode::CorruptFile, "import",
                fmt::format("a weight has {} values, which does not fit its shape", arrays.back().values.size()),
                {.file = file.string(), .module_path = layer.name()});
        }
        into[layer.name()] = std::make_shared<const std::vector<Array>>(std::move(arrays));
    }
}

WeightsByLayer parse_weights(const fs::path& file) {
    const std::vector<std::byte> bytes = base::read_file(file, kMaxWeightBytes);
    caffe::WeightFile net;
    if (bytes.empty() || !net.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        fail(ErrorCode::CorruptFile, "not a .caffemodel file, or the file is truncated", file);
    WeightsByLayer weights;
    take_weights(net.layers(), file, weights);
    take_weights(net.layer(), file, weights);
    return weights;
}

/// Whether a layer belongs to the network as it is used, not as it is trained.
bool is_used(const caffe::TextLayer& layer) {
    const auto training = [](const caffe::NetStateRule& rule) {
        return rule.has_phase() && rule.phase() == caffe::TRAIN;
    };
    const auto use = [](const caffe::NetStateRule& rule) { return rule.has_phase() && rule.phase() == caffe::TEST; };
    if (layer.include_size() > 0 && std::ranges::all_of(layer.include(), training)) return false;
    return std::ranges::none_of(layer.exclude(), use);
}

/// Inputs that the network names itself, without a layer.
void take_inputs(const caffe::TextNet& net, const fs::path& file, LayerList& into) {
    for (int i = 0; i < net.input_size(); ++i) {
        json dims = json::array();
        if (i < net.input_shape_size()) {
            for (const int dim : net.input_shape(i).dim()) dims.push_back(dim);
        } else if (4 * (i + 1) <= net.input_dim_size()) {
            for (int dim = 0; dim < 4; ++dim) dims.push_back(net.input_dim(4 * i + dim));
        } else {
            fail(ErrorCode::CorruptFile, "an input of the network has no shape", file);
        }
        const json shape = {{"dim", dims}};
        into.layers.push_back(
            {.name = net.input(i),
             .type = "Input",
             .config = std::make_shared<const json>(json{{"input_param", {{"shape", json::array({shape})}}}}),
             .inputs = {},
             .outputs = {net.input(i)},
             .weights = {}});
    }
}

json config_of(const caffe::TextLayer& layer, const fs::path& file) {
    pb::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!pb::util::MessageToJsonString(layer, &text, options).ok())
        fail(ErrorCode::CorruptFile, fmt::format("the layer '{}' is damaged", base::printable(layer.name())), file);
    return json::parse(text);
}

void read(const fs::path& prototxt, const fs::path& weight_file, LayerList& into, Remark remark) {
    const pb::LogSilencer quiet;  // not SetLogHandler(), which is for the whole process
    const caffe::TextNet net = parse_text(prototxt, remark);
    const WeightsByLayer weights = parse_weights(weight_file);
    take_inputs(net, prototxt, into);
    std::set<std::string> open;
    const auto none = std::make_shared<const std::vector<Array>>();
    for (Layer& input : into.layers) {
        input.weights = none;
        open.insert(input.name);
    }
    for (const caffe::TextLayer& text : net.layer()) {
        if (!is_used(text)) continue;
        Layer layer{.name = text.name(),
                    .type = text.type(),
                    .config = std::make_shared<const json>(config_of(text, prototxt)),
                    .inputs = {text.bottom().begin(), text.bottom().end()},
                    .outputs = {text.top().begin(), text.top().end()},
                    .weights = none};
        if (const auto found = weights.find(layer.name); found != weights.end()) layer.weights = found->second;
        for (const std::string& input : layer.inputs) open.erase(input);
        for (const std::string& output : layer.outputs) open.insert(output);
        into.layers.push_back(std::move(layer));
    }
    into.outputs.assign(open.begin(), open.end());
}

}  // namespace

extern "C" __attribute__((visibility("default"))) void yolovino_read_caffe(const std::filesystem::path& prototxt,
                                                                           const std::filesystem::path& weights,
                                                                           LayerList& into,
                                                                           void (*remark)(std::string_view line)) {
    base::translate(ErrorCode::CorruptFile, "import", "cannot read the Caffe model",
                    [&] { read(prototxt, weights, into, remark); });
}

}  // namespace yolovino::imports
