#include "imports/keras.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "container/zip_reader.hpp"
#include "documents/json.hpp"
#include "imports/hdf5_file.hpp"

namespace yolovino::imports {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::uint64_t kMaxFileBytes = 4ULL << 30U;
constexpr std::uint64_t kMaxConfigBytes = 16U << 20U;
constexpr std::size_t kMaxLayers = 20'000;           ///< and calls of layers; OpenVINO takes 10 KB for each
constexpr std::uint64_t kMaxNameBytes = 64U << 20U;  ///< of all calls together

/// `SeparableConv2D` → `separable_conv2d`, as Keras numbers its layers.
std::string snake_case(const std::string& name) {
    const auto upper = [&](std::size_t i) { return name[i] >= 'A' && name[i] <= 'Z'; };
    const auto lower = [&](std::size_t i) { return name[i] >= 'a' && name[i] <= 'z'; };
    const auto digit = [&](std::size_t i) { return name[i] >= '0' && name[i] <= '9'; };
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool before_word = upper(i) && i + 1 < name.size() && lower(i + 1);
        const bool after_word = upper(i) && i > 0 && lower(i - 1);
        if (i > 0 && (before_word || after_word) && !digit(i - 1)) out += '_';
        out += upper(i) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
    }
    return out;
}

/// Makes the list of layers from what Keras wrote about its model.
class Reader {
public:
    explicit Reader(const fs::path& file) : path_(file) { list_.file = file.string(); }

    LayerList run() {
        const bool archive = path_.extension() == ".keras";
        std::string config;
        if (archive) {
            config = open_archive();
        } else {
            config = open_hdf5();
        }
        if (config.size() > kMaxConfigBytes) {
            fail(ErrorCode::LimitExceeded, fmt::format("the model's description has {} bytes, at most {} are read",
                                                       config.size(), kMaxConfigBytes));
        }
        model_ = std::make_shared<const json>(documents::parse_json(config, {"import", list_.file}));
        try {
            read_model(*model_, archive);
        } catch (const json::exception& e) {
            throw Error(ErrorCode::CorruptFile, "import",
                        fmt::format("the model's description is damaged: {}", base::printable(e.what())),
                        {.file = list_.file});
        }
        return std::move(list_);
    }

private:
    [[noreturn]] void fail(ErrorCode code, const std::string& message, std::string_view hint = {}) const {
        throw Error(code, "import", message, {.file = list_.file}, hint);
    }

    std::string open_archive() {
        const base::RandomAccessFile file(path_);
        refuse_unless_begins(file, "PK", "a Keras archive");
        const container::ZipReader archive(file, container::ZipReader::Kind::Appended);
        const auto entry = [&](const char* name) {
            const container::ZipEntry* found = archive.find(name);
            if (found == nullptr)
                fail(ErrorCode::UnsupportedFile, fmt::format("not a Keras archive: it has no {}", name));
            return found;
        };
        const std::vector<std::byte> config = archive.read(*entry("config.json"), kMaxConfigBytes);
        // The weights within are packed by half at most, as is what HDF5 packs itself.
        paid_bytes_ = file.size_bytes();
        const std::vector<std::byte> image =
            archive.read(*entry("model.weights.h5"), std::min(kMaxFileBytes, most_bytes()));
        weights_ = read_hdf5(image, list_.file, paid_bytes_);
        return std::string(base::as_text(config));
    }

    std::string open_hdf5() {
        {
            const base::RandomAccessFile file(path_);
            refuse_unless_begins(file, "\x89HDF\r\n\x1a\n", "an HDF5 file");
        }
        const std::vector<std::byte> image = base::read_file(path_, kMaxFileBytes);
        paid_bytes_ = image.size();
        weights_ = read_hdf5(image, list_.file, paid_bytes_);
        const auto found = weights_.attributes.find("@model_config");
        if (found == weights_.attributes.end() || found->second.empty()) {
            fail(ErrorCode::UnsupportedFile, "the file has no model_config: it holds weights only",
                 "save the whole model with model.save");
        }
        return found->second.front();
    }

    /// What the file may make of itself.
    std::uint64_t most_bytes() const { return kFreeBytes + kMaxGrowth * paid_bytes_; }

    void refuse_unless_begins(const base::RandomAccessFile& file, std::string_view magic, const char* what) const {
        const std::uint64_t count = std::min<std::uint64_t>(magic.size(), file.size_bytes());
        const std::vector<std::byte> head = file.read(0, count);
        if (base::as_text(head) != magic) fail(ErrorCode::UnsupportedFile, fmt::format("not {}", what));
    }

    void read_model(const json& model, bool archive) {
        const auto kind = model.at("class_name").get<std::string>();
        if (kind != "Functional" && kind != "Model" && kind != "Sequential") {
            fail(ErrorCode::UnsupportedModel,
                 fmt::format("the model is of the class '{}', wanted a functional or a sequential one",
                             base::printable(kind)),
                 "a class of its own needs its Python code: export it to ONNX or a SavedModel");
        }
        const json& config = model.at("config");
        // The oldest sequential models are a bare list.
        const json& layers = config.is_array() ? config : config.at("layers");
        if (layers.size() > kMaxLayers) fail(ErrorCode::LimitExceeded, fmt::format("{} layers", layers.size()));
        std::map<std::string, int> numbers;
        for (const json& layer : layers) {
            // Operations between layers have no weights and no number.
            const bool bare = is_bare(layer);
            std::string folder;
            if (!bare) {
                folder = snake_case(layer.at("class_name").get<std::string>());
                const int number = numbers[folder]++;
                if (number > 0) folder += fmt::format("_{}", number);
            }
            if (kind == "Sequential") {
                add_in_row(layer, archive, folder);
            } else {
                add(layer, archive, folder, bare);
            }
        }
        if (kind == "Sequential") {
            list_.outputs = {last_};
        } else {
            take_outputs(config.at("output_layers"));
        }
    }

    /// Operations between layers. Where the module is not written, their lack of a layer's options shows it.
    static bool is_bare(const json& layer) {
        if (const auto module = layer.find("module"); module != layer.end() && module->is_string())
            return module->get_ref<const std::string&>().find(".ops.") != std::string::npos;
        const json& config = layer.at("config");
        return config.is_object() && !config.contains("trainable") && !config.contains("dtype");
    }

    static std::string key(const std::string& layer, std::size_t call, std::size_t port) {
        return fmt::format("{}:{}:{}", layer, call, port);
    }
    static std::string key(const json& history) {
        return key(history.at(0).get<std::string>(), history.at(1).get<std::size_t>(),
                   history.at(2).get<std::size_t>());
    }

    /// One output is `["name", 0, 0]`, several are a list of such.
    void take_outputs(const json& outputs) {
        const bool one = outputs.is_array() && !outputs.empty() && outputs[0].is_string();
        for (const json& output : one ? json::array({outputs}) : outputs) list_.outputs.push_back(key(output));
    }

    void add(const json& layer, bool archive, const std::string& folder, bool bare) {
        Layer made = start(layer, archive, folder);
        if (bare) made.type = "ops." + made.type;
        const json& calls = layer.at("inbound_nodes");
        if (calls.empty()) {
            made.outputs = {key(made.name, 0, 0)};
            list_.layers.push_back(std::move(made));
            return;
        }
        pay_for_calls(made, calls.size());
        for (std::size_t i = 0; i < calls.size(); ++i) {
            Layer use = made;
            use.outputs = {key(made.name, i, 0)};
            take_arguments(calls[i], use);
            list_.layers.push_back(std::move(use));
        }
    }

    static std::uint64_t count_values(const json& value) {
        std::uint64_t count = 1;
        if (value.is_structured()) {
            for (const json& each : value) count += count_values(each);
        }
        return count;
    }

    /// A call takes two bytes in the file; in the network it is a layer with a copy of the weights.
    void pay_for_calls(const Layer& layer, std::size_t calls) {
        if (calls > kMaxLayers - std::min(kMaxLayers, list_.layers.size()))
            fail(ErrorCode::LimitExceeded, fmt::format("layers are called more than {} times", kMaxLayers));
        // Numbers of the description become constants, too.
        std::uint64_t values = count_values(*layer.config);
        for (const Array& each : *layer.weights) values += each.values.size();
        called_bytes_ += (calls - 1) * values * sizeof(float);
        name_bytes_ += calls * (layer.name.size() + layer.type.size());
        if (called_bytes_ <= most_bytes() && name_bytes_ <= kMaxNameBytes) return;
        throw Error(ErrorCode::LimitExceeded, "import",
                    fmt::format("{} calls of one layer repeat too many bytes of weights, numbers, or names", calls),
                    {.file = list_.file, .module_path = base::printable(layer.name)});
    }

    /// Keras 3 writes the arguments of the call, Keras 2 a list of `[name, call, port, arguments]`.
    void take_arguments(const json& call, Layer& use) const {
        if (call.is_object()) {
            use.arguments = part(call.at("args"));
            collect_tensors(call.at("args"), use.inputs, 0);
            if (const auto named = call.find("kwargs"); named != call.end()) collect_tensors(*named, use.inputs, 0);
            return;
        }
        // One input may be without the list around it.
        const bool one = !call.empty() && call[0].is_string();
        for (const json& input : one ? json::array({call}) : call) use.inputs.push_back(key(input));
    }

    static void collect_tensors(const json& value, std::vector<std::string>& into, int depth) {
        constexpr int kMaxDepth = 8;
        if (depth > kMaxDepth) return;
        if (is_keras_tensor(value)) {
            into.push_back(key(value.at("config").at("keras_history")));
        } else if (value.is_array() || value.is_object()) {
            for (const json& each : value) collect_tensors(each, into, depth + 1);
        }
    }

    void add_in_row(const json& layer, bool archive, const std::string& folder) {
        Layer made = start(layer, archive, folder);
        if (list_.layers.empty() && made.type != "InputLayer") {
            for (const char* shape : {"batch_shape", "batch_input_shape"}) {
                const auto dims = made.config->find(shape);
                if (dims == made.config->end()) continue;
                list_.layers.push_back({.name = "input",
                                        .type = "InputLayer",
                                        .config = std::make_shared<const json>(json{{"batch_shape", *dims}}),
                                        .inputs = {},
                                        .outputs = {"input:0:0"},
                                        .weights = {}});
                last_ = "input:0:0";
                break;
            }
        }
        if (!last_.empty()) made.inputs = {last_};
        last_ = key(made.name, 0, 0);
        made.outputs = {last_};
        list_.layers.push_back(std::move(made));
    }

    /// A part of the description, which lives as long as it.
    std::shared_ptr<const json> part(const json& value) const { return {model_, &value}; }

    Layer start(const json& layer, bool archive, const std::string& folder) {
        Layer made;
        made.type = layer.at("class_name").get<std::string>();
        made.config = part(layer.at("config"));
        const json& config = *made.config;
        made.name =
            config.contains("name") ? config.at("name").get<std::string>() : layer.at("name").get<std::string>();
        made.weights = std::make_shared<const std::vector<Array>>(archive ? numbered_weights(made.name, folder)
                                                                          : named_weights(made.name));
        return made;
    }

    /// In archives a layer's weights are `layers/<folder>/vars/0`, 1, …; newer files say whose they are.
    std::vector<Array> numbered_weights(const std::string& name, std::string folder) {
        if (!folders_are_read_) {
            folders_are_read_ = true;
            for (const auto& [place, texts] : weights_.attributes) {
                constexpr std::string_view kEnd = "/vars@name";
                if (!place.starts_with("layers/") || !place.ends_with(kEnd) || texts.empty()) continue;
                folders_.emplace(texts.front(), place.substr(7, place.size() - 7 - kEnd.size()));
            }
        }
        if (const auto found = folders_.find(name); found != folders_.end()) folder = found->second;
        std::vector<Array> arrays;
        for (const char* root : {"layers", "_layer_checkpoint_dependencies"}) {
            while (true) {
                auto found = weights_.arrays.find(fmt::format("{}/{}/vars/{}", root, folder, arrays.size()));
                if (folder.empty() || found == weights_.arrays.end()) break;
                arrays.push_back(std::move(found->second));
                weights_.arrays.erase(found);
            }
        }
        return arrays;
    }

    /// In whole `.h5` files each layer lists the names of its weights. Each array is given once: a list that names one
    /// again and again would multiply the file.
    std::vector<Array> named_weights(const std::string& name) {
        const std::string group = "model_weights/" + name;
        const auto names = weights_.attributes.find(group + "@weight_names");
        std::vector<Array> arrays;
        if (names == weights_.attributes.end()) return arrays;
        for (const std::string& each : names->second) {
            const auto found = weights_.arrays.find(fmt::format("{}/{}", group, each));
            if (found == weights_.arrays.end()) {
                throw Error(ErrorCode::CorruptFile, "import",
                            fmt::format("the weight '{}' is missing", base::printable(each)),
                            {.file = list_.file, .module_path = name});
            }
            arrays.push_back(std::move(found->second));
            weights_.arrays.erase(found);
        }
        return arrays;
    }

    fs::path path_;
    Hdf5Content weights_;
    std::map<std::string, std::string> folders_;
    bool folders_are_read_ = false;
    std::shared_ptr<const json> model_;
    std::uint64_t paid_bytes_ = 0;
    std::uint64_t called_bytes_ = 0;
    std::uint64_t name_bytes_ = 0;
    std::string last_;
    LayerList list_;
};

}  // namespace

bool is_keras_tensor(const json& value) {
    if (!value.is_object()) return false;
    const auto kind = value.find("class_name");
    return kind != value.end() && *kind == "__keras_tensor__";
}

LayerList read_keras(const fs::path& file) {
    return Reader(file).run();
}

}  // namespace yolovino::imports
