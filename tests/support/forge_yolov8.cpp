#include "support/forge_yolov8.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "support/forge_zip.hpp"

namespace yolovino::test::forge {

namespace {

constexpr int kBins = 16;
constexpr int kMasks = 32;
constexpr int kKeypoints = 17;
constexpr int kKeypointNumbers = 3;
constexpr int kClassifierChannels = 1280;
/// Squared gains of the layers, found by trying: with them no activation fades or grows in any of the five sizes.
constexpr double kGain = 2.0;
constexpr double kImageGain = 4;       // images have a mean square of about a quarter
constexpr double kResidualGain = 0.5;  // what is added to its own input must not double it

struct Scale {
    char letter;
    double depth;
    double width;
    int max_channels;
};
constexpr std::array<Scale, 5> kScales = {
    {{'n', 0.33, 0.25, 1024}, {'s', 0.33, 0.5, 1024}, {'m', 0.67, 0.75, 768}, {'l', 1, 1, 512}, {'x', 1, 1.25, 512}}};

/// What the files of a task have in their names and in their pickles.
struct TaskNames {
    const char* task;
    const char* suffix;
    const char* model;
    const char* head;
};
constexpr std::array<TaskNames, 5> kTasks = {{{"detect", "", "DetectionModel", "Detect"},
                                              {"segment", "-seg", "SegmentationModel", "Segment"},
                                              {"pose", "-pose", "PoseModel", "Pose"},
                                              {"obb", "-obb", "OBBModel", "OBB"},
                                              {"classify", "-cls", "ClassificationModel", "Classify"}}};

std::uint16_t to_half(double value) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    const auto sign = static_cast<std::uint16_t>((bits >> 16U) & 0x8000U);
    const int exponent = static_cast<int>((bits >> 23U) & 0xFFU) - 127 + 15;
    if (exponent <= 0) return sign;
    return static_cast<std::uint16_t>(sign | (static_cast<unsigned>(exponent) << 10U) | ((bits >> 13U) & 0x3FFU));
}

std::string pair_of(int value) {
    return counts({value, value});
}

/// A module with all that torch keeps in one and Ultralytics' code expects to be there.
std::string whole_module(const std::string& package, const std::string& name, ModuleParts parts) {
    parts.attributes.emplace_back("_non_persistent_buffers_set", reduce(global("__builtin__", "set"), {list({})}));
    parts.attributes.emplace_back("_is_full_backward_hook", none());
    for (const char* hooks : {"_backward_hooks", "_backward_pre_hooks", "_forward_hooks", "_forward_pre_hooks",
                              "_state_dict_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks"}) {
        parts.attributes.emplace_back(hooks, ordered_dict({}));
    }
    return module(package, name, parts);
}

std::string container(const std::string& type, const std::vector<std::string>& items) {
    ModuleParts parts;
    for (std::size_t i = 0; i < items.size(); ++i) parts.children.emplace_back(std::to_string(i), items[i]);
    return whole_module("torch.nn.modules.container", type, parts);
}

/// Makes layers and their weights, one storage each, in the order in which they are asked for.
class Forge {
public:
    Forge(const Scale& scale, const TaskNames& task, int classes, std::uint32_t seed)
        : scale_(scale), task_(task), classes_(classes), random_(seed) {
        // Classifiers have no limit of their own.
        if (is("classify")) scale_.max_channels = 1024;
    }

    std::string checkpoint();
    std::vector<std::string> storages;

private:
    bool is(std::string_view task) const { return task == task_.task; }
    double uniform() {  // -1 to 1
        return static_cast<double>(random_()) / 2147483647.5 - 1.0;
    }
    int width(int channels) const {
        return static_cast<int>(std::ceil(std::min(channels, scale_.max_channels) * scale_.width / 8)) * 8;
    }
    int depth(int repeats) const { return std::max(static_cast<int>(std::nearbyint(repeats * scale_.depth)), 1); }

    std::string stored(const std::string& type, std::string bytes, const std::vector<int>& shape);
    std::string uniform_tensor(const std::vector<int>& shape, double centre, double spread);
    std::string float_tensor(const std::vector<float>& values);

    std::string conv2d(int in, int out, int kernel, int stride, double gain, std::optional<double> bias);
    std::string batch_norm(int channels);
    std::string silu();
    ModuleParts conv_parts(int in, int out, int kernel, int stride, double gain = kGain);
    std::string conv(int in, int out, int kernel, double gain = kGain);
    ModuleParts c2f_parts(int in, int out, int repeats, bool shortcut);
    ModuleParts sppf_parts(int in, int out);
    std::string branch(int in, int hidden, int out, double gain, double bias);
    std::string conv_transpose(int channels);
    std::string proto(int in);
    std::string extra_branches(const std::vector<int>& in, int out);
    ModuleParts detect_parts(const std::vector<int>& in);
    ModuleParts anchored_parts(const std::vector<int>& in);
    ModuleParts classify_parts(int in);

    /// Adds a layer that takes `from` (-1 is the one before).
    void add(const std::vector<int>& from, const std::string& package, const std::string& name, ModuleParts parts);
    void add_conv(int out);
    void add_c2f(int out, int repeats, bool shortcut);
    void add_upsample();
    void add_concat(int other);
    void add_neck();
    std::string network();

    Scale scale_;
    TaskNames task_;
    int classes_;
    std::mt19937 random_;  // its sequence is fixed by the standard
    bool silu_written_ = false;
    Pairs layers_;
    std::vector<int> channels_;  ///< of each layer's output
};

std::string Forge::stored(const std::string& type, std::string bytes, const std::vector<int>& shape) {
    std::vector<int> strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
    const int numel = shape.empty() ? 1 : strides.front() * shape.front();
    const std::string key = std::to_string(storages.size());
    storages.push_back(std::move(bytes));
    return tensor(storage(key, type, numel), shape, strides);
}

std::string Forge::uniform_tensor(const std::vector<int>& shape, double centre, double spread) {
    std::size_t numel = 1;
    for (const int side : shape) numel *= static_cast<std::size_t>(side);
    std::string bytes(numel * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); i += 2) {
        const std::uint16_t half = to_half(centre + spread * uniform());
        std::memcpy(&bytes[i], &half, 2);
    }
    return stored("HalfStorage", std::move(bytes), shape);
}

std::string Forge::float_tensor(const std::vector<float>& values) {
    std::string bytes;
    for (const float value : values) bytes += little(value);
    return stored("FloatStorage", std::move(bytes), {static_cast<int>(values.size())});
}

std::string Forge::conv2d(int in, int out, int kernel, int stride, double gain, std::optional<double> bias) {
    const double spread = std::sqrt(3 * gain / (in * kernel * kernel));  // uniform values have a third of its square
    ModuleParts parts{.attributes = {{"in_channels", integer(in)},
                                     {"out_channels", integer(out)},
                                     {"kernel_size", pair_of(kernel)},
                                     {"stride", pair_of(stride)},
                                     {"padding", pair_of(kernel / 2)},
                                     {"dilation", pair_of(1)},
                                     {"transposed", boolean(false)},
                                     {"output_padding", pair_of(0)},
                                     {"groups", integer(1)},
                                     {"padding_mode", text("zeros")}}};
    parts.parameters = {{"weight", parameter(uniform_tensor({out, in, kernel, kernel}, 0, spread))},
                        {"bias", bias ? parameter(uniform_tensor({out}, *bias, 0.5)) : none()}};
    return whole_module("torch.nn.modules.conv", "Conv2d", std::move(parts));
}

std::string Forge::batch_norm(int channels) {
    const std::string count = stored("LongStorage", little(std::int64_t{1}), {});
    ModuleParts parts{.attributes = {{"num_features", integer(channels)},
                                     {"eps", real(0.001)},
                                     {"momentum", real(0.03)},
                                     {"affine", boolean(true)},
                                     {"track_running_stats", boolean(true)}}};
    parts.parameters = {{"weight", parameter(uniform_tensor({channels}, 1, 0.3))},
                        {"bias", parameter(uniform_tensor({channels}, 0, 0.3))}};
    parts.buffers = {{"running_mean", uniform_tensor({channels}, 0, 0.3)},
                     {"running_var", uniform_tensor({channels}, 1, 0.3)},
                     {"num_batches_tracked", count}};
    return whole_module("torch.nn.modules.batchnorm", "BatchNorm2d", std::move(parts));
}

/// One object for all layers, as in the files of Ultralytics.
std::string Forge::silu() {
    if (std::exchange(silu_written_, true)) return get(0);
    return whole_module("torch.nn.modules.activation", "SiLU", {.attributes = {{"inplace", boolean(true)}}}) + put(0);
}

ModuleParts Forge::conv_parts(int in, int out, int kernel, int stride, double gain) {
    return {
        .children = {{"conv", conv2d(in, out, kernel, stride, gain, {})}, {"bn", batch_norm(out)}, {"act", silu()}}};
}

std::string Forge::conv(int in, int out, int kernel, double gain) {
    return whole_module("ultralytics.nn.modules.conv", "Conv", conv_parts(in, out, kernel, 1, gain));
}

ModuleParts Forge::c2f_parts(int in, int out, int repeats, bool shortcut) {
    const int hidden = out / 2;
    const std::string first = conv(in, 2 * hidden, 1);
    const std::string last = conv((2 + repeats) * hidden, out, 1);
    std::vector<std::string> bottlenecks;
    for (int i = 0; i < repeats; ++i) {
        const std::string cv1 = conv(hidden, hidden, 3);
        bottlenecks.push_back(whole_module(
            "ultralytics.nn.modules.block", "Bottleneck",
            {.children = {{"cv1", cv1}, {"cv2", conv(hidden, hidden, 3, shortcut ? kResidualGain : kGain)}},
             .attributes = {{"add", boolean(shortcut)}}}));
    }
    return {.children = {{"cv1", first}, {"cv2", last}, {"m", container("ModuleList", bottlenecks)}},
            .attributes = {{"c", integer(hidden)}}};
}

ModuleParts Forge::sppf_parts(int in, int out) {
    const std::string pool = whole_module("torch.nn.modules.pooling", "MaxPool2d",
                                          {.attributes = {{"kernel_size", integer(5)},
                                                          {"stride", integer(1)},
                                                          {"padding", integer(2)},
                                                          {"dilation", integer(1)},
                                                          {"return_indices", boolean(false)},
                                                          {"ceil_mode", boolean(false)}}});
    const std::string first = conv(in, in / 2, 1);
    return {.children = {{"cv1", first}, {"cv2", conv(in * 2, out, 1)}, {"m", pool}}};
}

std::string Forge::branch(int in, int hidden, int out, double gain, double bias) {
    std::vector<std::string> items{conv(in, hidden, 3)};
    items.push_back(conv(hidden, hidden, 3));
    items.push_back(conv2d(hidden, out, 1, 1, gain, bias));
    return container("Sequential", items);
}

ModuleParts Forge::detect_parts(const std::vector<int>& in) {
    const int box = std::max({16, in[0] / 4, 4 * kBins});
    const int cls = std::max(in[0], std::min(classes_, 100));
    std::vector<std::string> boxes;
    std::vector<std::string> classes;
    for (const int channels : in) {
        boxes.push_back(branch(channels, box, 4 * kBins, 3 * kGain, 0));
        classes.push_back(branch(channels, cls, classes_, 8 * kGain, -4));
    }
    std::string bins;
    for (int i = 0; i < kBins; ++i) bins += little(to_half(i));
    std::string dfl = conv2d(kBins, 1, 1, 1, 1, {});
    storages.back() = bins;
    dfl = whole_module("ultralytics.nn.modules.block", "DFL",
                       {.children = {{"conv", dfl}}, .attributes = {{"c1", integer(kBins)}}});
    return {
        .children = {{"cv2", container("ModuleList", boxes)}, {"cv3", container("ModuleList", classes)}, {"dfl", dfl}},
        .attributes = {{"nc", integer(classes_)},
                       {"nl", integer(3)},
                       {"reg_max", integer(kBins)},
                       {"no", integer(classes_ + 4 * kBins)},
                       {"stride", float_tensor({8, 16, 32})},
                       {"inplace", boolean(true)}}};
}

/// What lies behind the neck of every task but classification: the parts of Detect, and the task's own.
ModuleParts Forge::anchored_parts(const std::vector<int>& in) {
    ModuleParts parts = detect_parts(in);
    if (is("segment")) {
        parts.attributes.insert(parts.attributes.end(), {{"nm", integer(kMasks)}, {"npr", integer(width(256))}});
        parts.children.emplace_back("proto", proto(in[0]));
        parts.children.emplace_back("cv4", extra_branches(in, kMasks));
    } else if (is("pose")) {
        constexpr int kNumbers = kKeypoints * kKeypointNumbers;
        parts.attributes.insert(parts.attributes.end(),
                                {{"kpt_shape", counts({kKeypoints, kKeypointNumbers})}, {"nk", integer(kNumbers)}});
        parts.children.emplace_back("cv4", extra_branches(in, kNumbers));
    } else if (is("obb")) {
        parts.attributes.emplace_back("ne", integer(1));
        parts.children.emplace_back("cv4", extra_branches(in, 1));
    }
    return parts;
}

std::string Forge::extra_branches(const std::vector<int>& in, int out) {
    std::vector<std::string> branches;
    for (const int channels : in) branches.push_back(branch(channels, std::max(in[0] / 4, out), out, kGain, 0));
    return container("ModuleList", branches);
}

std::string Forge::conv_transpose(int channels) {
    const double spread = std::sqrt(3 * kGain / channels);
    ModuleParts parts{.attributes = {{"in_channels", integer(channels)},
                                     {"out_channels", integer(channels)},
                                     {"kernel_size", pair_of(2)},
                                     {"stride", pair_of(2)},
                                     {"padding", pair_of(0)},
                                     {"dilation", pair_of(1)},
                                     {"transposed", boolean(true)},
                                     {"output_padding", pair_of(0)},
                                     {"groups", integer(1)},
                                     {"padding_mode", text("zeros")}}};
    parts.parameters = {{"weight", parameter(uniform_tensor({channels, channels, 2, 2}, 0, spread))},
                        {"bias", parameter(uniform_tensor({channels}, 0, 0.3))}};
    return whole_module("torch.nn.modules.conv", "ConvTranspose2d", std::move(parts));
}

std::string Forge::proto(int in) {
    const int hidden = width(256);
    ModuleParts parts;
    parts.children.emplace_back("cv1", conv(in, hidden, 3));
    parts.children.emplace_back("upsample", conv_transpose(hidden));
    parts.children.emplace_back("cv2", conv(hidden, hidden, 3));
    parts.children.emplace_back("cv3", conv(hidden, kMasks, 1));
    return whole_module("ultralytics.nn.modules.block", "Proto", std::move(parts));
}

ModuleParts Forge::classify_parts(int in) {
    ModuleParts parts;
    parts.children.emplace_back("conv", conv(in, kClassifierChannels, 1));
    parts.children.emplace_back("pool", whole_module("torch.nn.modules.pooling", "AdaptiveAvgPool2d",
                                                     {.attributes = {{"output_size", integer(1)}}}));
    parts.children.emplace_back("drop", whole_module("torch.nn.modules.dropout", "Dropout",
                                                     {.attributes = {{"p", real(0)}, {"inplace", boolean(true)}}}));
    const double spread = std::sqrt(3 * kGain / kClassifierChannels);
    ModuleParts linear{
        .attributes = {{"in_features", integer(kClassifierChannels)}, {"out_features", integer(classes_)}}};
    linear.parameters = {{"weight", parameter(uniform_tensor({classes_, kClassifierChannels}, 0, spread))},
                         {"bias", parameter(uniform_tensor({classes_}, 0, 0.3))}};
    parts.children.emplace_back("linear", whole_module("torch.nn.modules.linear", "Linear", std::move(linear)));
    return parts;
}

void Forge::add(const std::vector<int>& from, const std::string& package, const std::string& name, ModuleParts parts) {
    const auto index = static_cast<int>(layers_.size());
    std::vector<std::string> sources;
    for (const int source : from) sources.push_back(integer(source));
    parts.attributes.emplace_back("i", integer(index));
    parts.attributes.emplace_back("f", sources.size() == 1 ? sources.front() : list(sources));
    parts.attributes.emplace_back("type", text(package + "." + name));
    layers_.emplace_back(std::to_string(index), whole_module(package, name, std::move(parts)));
}

void Forge::add_conv(int out) {
    const int in = channels_.empty() ? 3 : channels_.back();
    add({-1}, "ultralytics.nn.modules.conv", "Conv",
        conv_parts(in, width(out), 3, 2, channels_.empty() ? kImageGain : kGain));
    channels_.push_back(width(out));
}

void Forge::add_c2f(int out, int repeats, bool shortcut) {
    add({-1}, "ultralytics.nn.modules.block", "C2f", c2f_parts(channels_.back(), width(out), depth(repeats), shortcut));
    channels_.push_back(width(out));
}

void Forge::add_upsample() {
    add({-1}, "torch.nn.modules.upsampling", "Upsample",
        {.attributes = {{"name", text("Upsample")},
                        {"size", none()},
                        {"scale_factor", real(2)},
                        {"mode", text("nearest")},
                        {"align_corners", none()},
                        {"recompute_scale_factor", none()}}});
    channels_.push_back(channels_.back());
}

void Forge::add_concat(int other) {
    add({-1, other}, "ultralytics.nn.modules.conv", "Concat", {.attributes = {{"d", integer(1)}}});
    channels_.push_back(channels_.back() + channels_[static_cast<std::size_t>(other)]);
}

void Forge::add_neck() {
    add({-1}, "ultralytics.nn.modules.block", "SPPF", sppf_parts(width(1024), width(1024)));
    channels_.push_back(width(1024));
    for (const auto& [other, out] : {std::pair{6, 512}, {4, 256}}) {
        add_upsample();
        add_concat(other);
        add_c2f(out, 3, false);
    }
    for (const auto& [down, other, out] : {std::tuple{256, 12, 512}, {512, 9, 1024}}) {
        add_conv(down);
        add_concat(other);
        add_c2f(out, 3, false);
    }
}

std::string Forge::network() {
    add_conv(64);
    for (const auto& [out, repeats] : {std::pair{128, 3}, {256, 6}, {512, 6}, {1024, 3}}) {
        add_conv(out);
        add_c2f(out, repeats, true);
    }
    if (is("classify")) {
        add({-1}, "ultralytics.nn.modules.head", task_.head, classify_parts(channels_.back()));
    } else {
        add_neck();
        add({15, 18, 21}, "ultralytics.nn.modules.head", task_.head,
            anchored_parts({channels_[15], channels_[18], channels_[21]}));
    }
    return whole_module("torch.nn.modules.container", "Sequential", {.children = layers_});
}

std::string Forge::checkpoint() {
    const std::string file = std::string("yolov8") + scale_.letter + task_.suffix + ".yaml";
    Pairs names;
    for (int i = 0; i < classes_; ++i) names.emplace_back(integer(i), text("class" + std::to_string(i)));
    const std::string args = named({{"task", text(task_.task)}, {"imgsz", integer(640)}, {"data", text("coco.yaml")}});
    const std::string yaml = named({{"nc", integer(classes_)},
                                    {"scale", text(std::string(1, scale_.letter))},
                                    {"yaml_file", text(file)},
                                    {"ch", integer(3)},
                                    {"backbone", list({})},
                                    {"head", list({})}});
    std::vector<std::string> saved;
    std::vector<float> strides = {1};
    if (!is("classify")) {
        for (const int layer : {4, 6, 9, 12, 15, 18, 21}) saved.push_back(integer(layer));
        strides = {8, 16, 32};
    }
    ModuleParts parts{.children = {{"model", network()}},
                      .attributes = {{"yaml_file", text(file)},
                                     {"yaml", yaml},
                                     {"save", list(saved)},
                                     {"names", dict(names)},
                                     {"inplace", boolean(true)},
                                     {"stride", float_tensor(strides)},
                                     {"nc", integer(classes_)},
                                     {"task", text(task_.task)},
                                     {"args", args}}};
    if (is("pose")) parts.attributes.emplace_back("kpt_shape", counts({kKeypoints, kKeypointNumbers}));
    const std::string model = whole_module("ultralytics.nn.tasks", task_.model, std::move(parts));
    return pickle(named({{"date", text("2000-01-01T00:00:00")},
                         {"version", text("8.0.0")},
                         {"epoch", integer(-1)},
                         {"best_fitness", none()},
                         {"model", model},
                         {"ema", none()},
                         {"train_args", args}}));
}

}  // namespace

std::filesystem::path write_yolov8(const std::filesystem::path& file, const Yolov8& network) {
    const auto* const scale = std::ranges::find(kScales, network.scale, &Scale::letter);
    if (scale == kScales.end()) throw std::invalid_argument("the scale is one of n, s, m, l, x");
    const auto* const task =
        std::ranges::find(kTasks, network.task, [](const TaskNames& each) { return std::string_view(each.task); });
    if (task == kTasks.end()) throw std::invalid_argument("the task is one of Ultralytics' five");
    Forge forge(*scale, *task, network.classes, network.seed);
    const std::string stream = forge.checkpoint();
    return write(file, archive(stream, forge.storages).bytes());
}

}  // namespace yolovino::test::forge
