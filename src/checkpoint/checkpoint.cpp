#include "checkpoint/checkpoint.hpp"

#include <fmt/format.h>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "checkpoint/file_kind.hpp"
#include "checkpoint/module_tree.hpp"
#include "checkpoint/pickle.hpp"
#include "checkpoint/tensor.hpp"
#include "checkpoint/value_builder.hpp"
#include "checkpoint/zip_reader.hpp"

namespace yolovino::checkpoint {

using Kind = Pickle::Kind;
using Index = Pickle::Index;

namespace {

constexpr std::uint64_t kMaxPickleBytes = 64ULL << 20;
constexpr std::uint64_t kMaxByteOrderBytes = 64;
constexpr std::uint64_t kEntryBytes = 768;  // of an entry of the top, with its place in growing lists

[[noreturn]] void unsupported(const std::string& file, std::string_view message,
                              std::string_view hint = "give a YOLOv8 checkpoint (.pt) as saved by Ultralytics") {
    throw Error(ErrorCode::UnsupportedFile, "checkpoint", message, {.file = file}, hint);
}

base::RandomAccessFile open_checked(const std::filesystem::path& path) {
    base::RandomAccessFile file(path);
    refuse_other_file(file);
    return file;
}

void check_byte_order(const ZipReader& zip, const std::string& file) {
    // Files from before PyTorch 2.1 do not say; they are little-endian.
    const ZipEntry* entry = zip.find("byteorder");
    if (entry == nullptr) return;
    const std::vector<std::byte> order = zip.read(*entry, kMaxByteOrderBytes);
    if (base::as_text(order) == "little") return;
    unsupported(file, fmt::format("byte order '{}' is not read, only little", base::printable(base::as_text(order))),
                "save it again on a little-endian machine");
}

Pickle parse_pickle(const ZipReader& zip, const std::string& file) {
    const ZipEntry* entry = zip.find("data.pkl");
    if (entry == nullptr) unsupported(file, "archive without data.pkl");
    return Pickle::parse(zip.read(*entry, kMaxPickleBytes), file, entry->data_offset);
}

/// Whether a dict maps names to tensors: the weights of a network without the network.
bool is_state_dict(const Pickle& pickle, const TensorReader& tensors, Index node) {
    if (!pickle.is_mapping(node)) return false;
    const auto pairs = pickle.pairs(node);
    std::size_t tensor_count = 0;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (pickle.kind(pairs[i]) == Kind::String && tensors.is_tensor(pairs[i + 1])) ++tensor_count;
    }
    return tensor_count > 0 && tensor_count * 4 >= pairs.size();
}

constexpr std::string_view kStateDictMessage = "plain state dict: weights without the network that they belong to";
constexpr std::string_view kStateDictHint =
    "save the whole checkpoint with Ultralytics (model.save), not model.state_dict()";

/// The node of the model object among the entries of a checkpoint.
Index choose_model(const Pickle& pickle, const TensorReader& tensors, const std::string& file) {
    const Index root = pickle.root();
    if (is_module(pickle, root)) return root;
    if (!pickle.is_mapping(root)) {
        const std::string found = pickle.class_path(root);
        unsupported(file, fmt::format("file holds {}, not a checkpoint",
                                      found.empty() ? "a plain value" : base::printable(found)));
    }
    const auto present = [&](Index node) { return node != Pickle::kNothing && !pickle.is_none(node); };
    const Index ema = pickle.find(root, "ema");
    const std::string_view key = present(ema) ? "ema" : "model";
    const Index chosen = present(ema) ? ema : pickle.find(root, "model");
    if (present(chosen)) {
        if (is_module(pickle, chosen)) return chosen;
        if (is_state_dict(pickle, tensors, chosen))
            unsupported(file, fmt::format("'{}' is a {}", key, kStateDictMessage), kStateDictHint);
        const std::string found = pickle.class_path(chosen);
        unsupported(file, fmt::format("'{}' holds {}, not a network", key,
                                      found.empty() ? "a plain value" : base::printable(found)));
    }
    const Index weights = pickle.find(root, "state_dict");
    if (is_state_dict(pickle, tensors, root)) unsupported(file, kStateDictMessage, kStateDictHint);
    if (present(weights) && is_state_dict(pickle, tensors, weights))
        unsupported(file, kStateDictMessage, kStateDictHint);
    unsupported(file, "file has neither 'ema' nor 'model' with a network");
}

Dict read_metadata(const Pickle& pickle, ValueBuilder& values) {
    Dict metadata;
    if (!pickle.is_mapping(pickle.root())) return metadata;
    const auto pairs = pickle.pairs(pickle.root());
    const auto is_text = [&](std::size_t i) { return pickle.kind(pairs[i]) == Kind::String; };
    std::unordered_map<std::string_view, std::size_t> last;
    values.pay(pairs.size() / 2 * kEntryBytes, "metadata");
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        if (is_text(i)) last[pickle.text(pairs[i])] = i;
    }
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
        const std::string_view name = is_text(i) ? pickle.text(pairs[i]) : "metadata";
        // The last of two equal keys wins, as in Python.
        if (is_text(i) && (name == "model" || name == "ema" || last[name] != i)) continue;
        metadata.push_back({values.build(pairs[i], name), values.build(pairs[i + 1], name)});
    }
    return metadata;
}

}  // namespace

struct Checkpoint::State {
    explicit State(const std::filesystem::path& path) : file(open_checked(path)), zip(file), data(zip, path.string()) {}

    base::RandomAccessFile file;
    ZipReader zip;
    TensorData data;
    std::shared_ptr<const Module> model;
    Dict metadata;
    std::once_flag hashed;
    std::string sha256;
};

Checkpoint Checkpoint::open(const std::filesystem::path& path) {
    return base::translate(ErrorCode::IoFailure, "checkpoint", "cannot read the checkpoint", [&] {
        auto state = std::make_unique<State>(path);
        const std::string file = path.string();
        check_byte_order(state->zip, file);
        const Pickle pickle = parse_pickle(state->zip, file);
        TensorReader tensors(pickle, state->zip, file);
        ValueBuilder values(pickle, tensors, file);
        const Index node = choose_model(pickle, tensors, file);
        state->model = ModuleTree(pickle, tensors, values, file, state->file.size_bytes()).build(node);
        state->metadata = read_metadata(pickle, values);
        return Checkpoint(std::move(state));
    });
}

Checkpoint::Checkpoint(std::unique_ptr<State> state) : state_(std::move(state)) {}
Checkpoint::Checkpoint(Checkpoint&&) noexcept = default;
Checkpoint& Checkpoint::operator=(Checkpoint&&) noexcept = default;
Checkpoint::~Checkpoint() = default;

const std::filesystem::path& Checkpoint::path() const noexcept {
    return state_->file.path();
}
const Module& Checkpoint::model() const noexcept {
    return *state_->model;
}
std::shared_ptr<const Module> Checkpoint::shared_model() const noexcept {
    return state_->model;
}
const Dict& Checkpoint::metadata() const noexcept {
    return state_->metadata;
}

const Value* Checkpoint::metadata(std::string_view key) const noexcept {
    for (const auto& [name, value] : state_->metadata) {
        const std::string* text = name.as_string();
        if (text != nullptr && *text == key) return &value;
    }
    return nullptr;
}

std::vector<float> Checkpoint::read_f32(const TensorRef& tensor, std::string_view name) const {
    return state_->data.read_f32(tensor, name);
}

const std::string& Checkpoint::sha256() const {
    std::call_once(state_->hashed, [&] { state_->sha256 = base::sha256(state_->file); });
    return state_->sha256;
}

}  // namespace yolovino::checkpoint
