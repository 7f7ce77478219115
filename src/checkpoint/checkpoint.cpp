#include "checkpoint/checkpoint.hpp"

#include <fmt/format.h>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/bytes.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/sha256.hpp"
#include "checkpoint/legacy_file.hpp"
#include "checkpoint/model_choice.hpp"
#include "checkpoint/module_tree.hpp"
#include "checkpoint/parse_pickle.hpp"
#include "checkpoint/storages.hpp"
#include "checkpoint/tensor.hpp"
#include "checkpoint/value_builder.hpp"
#include "container/file_kind.hpp"
#include "container/zip_reader.hpp"

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

void check_byte_order(const container::ZipReader& zip, const std::string& file) {
    // Files from before PyTorch 2.1 do not say; they are little-endian.
    const container::ZipEntry* entry = zip.find("byteorder");
    if (entry == nullptr) return;
    const std::vector<std::byte> order = zip.read(*entry, kMaxByteOrderBytes);
    if (base::as_text(order) == "little") return;
    unsupported(file, fmt::format("byte order '{}' is not read, only little", base::printable(base::as_text(order))),
                "save it again on a little-endian machine");
}

Pickle read_pickle(const container::ZipReader& zip, const std::string& file) {
    const container::ZipEntry* entry = zip.find("data.pkl");
    if (entry == nullptr) unsupported(file, "archive without data.pkl");
    return parse_pickle(zip.read(*entry, kMaxPickleBytes), file, entry->data_offset);
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
    explicit State(const std::filesystem::path& path) : file(path) {}

    /// Finds the storages, and gives what was saved with them.
    Pickle read() {
        const std::string name = file.path().string();
        std::optional<Pickle> pickle;
        if (is_legacy(file)) {
            LegacyFile legacy = read_legacy(file, kMaxPickleBytes);
            storages = std::make_unique<PlainStorages>(file, std::move(legacy.places));
            pickle = std::move(legacy.pickle);
        } else {
            container::refuse_other_file(file);
            zip = std::make_unique<container::ZipReader>(file);
            check_byte_order(*zip, name);
            storages = std::make_unique<ZipStorages>(*zip);
            pickle = read_pickle(*zip, name);
        }
        data = std::make_unique<TensorData>(*storages, name);
        return std::move(*pickle);
    }

    base::RandomAccessFile file;
    std::unique_ptr<container::ZipReader> zip;  ///< of an archive only
    std::unique_ptr<Storages> storages;
    std::unique_ptr<TensorData> data;
    std::shared_ptr<const Module> model;
    Dict metadata;
    std::once_flag hashed;
    std::string sha256;
};

Checkpoint Checkpoint::open(const std::filesystem::path& path) {
    return base::translate(ErrorCode::IoFailure, "checkpoint", "cannot read the checkpoint", [&] {
        auto state = std::make_unique<State>(path);
        const std::string file = path.string();
        const Pickle pickle = state->read();
        TensorReader tensors(pickle, *state->storages, file);
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
    return state_->data->read_f32(tensor, name);
}

const std::string& Checkpoint::sha256() const {
    std::call_once(state_->hashed, [&] { state_->sha256 = base::sha256(state_->file); });
    return state_->sha256;
}

}  // namespace yolovino::checkpoint
