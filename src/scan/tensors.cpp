#include "scan/tensors.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace yolovino::scan {

namespace {

using Kind = ValueArena::Kind;
using Index = ValueArena::Index;

constexpr std::size_t kMaxRank = 16;
constexpr std::size_t kMaxPathBytes = 512;
constexpr std::size_t kMaxTextBytes = 128;
constexpr std::uint32_t kRoot = 0xFFFFFFFF;

struct DtypeName {
    std::string_view storage;
    std::string_view dtype;
};
constexpr std::array kDtypes{
    DtypeName{"HalfStorage", "float16"},  DtypeName{"BFloat16Storage", "bfloat16"},
    DtypeName{"FloatStorage", "float32"}, DtypeName{"DoubleStorage", "float64"},
    DtypeName{"CharStorage", "int8"},     DtypeName{"ByteStorage", "uint8"},
    DtypeName{"ShortStorage", "int16"},   DtypeName{"IntStorage", "int32"},
    DtypeName{"LongStorage", "int64"},    DtypeName{"BoolStorage", "bool"},
};

/// A value on the path from the root. A step refers to its parent, so that a path is only written out when needed.
struct Step {
    Index node = 0;
    std::uint32_t parent = kRoot;
    std::string_view word;     ///< key, or empty
    std::int64_t number = -1;  ///< place in a list, or -1
};

class Walk {
public:
    Walk(const Stream& stream, std::size_t max_tensors)
        : stream_(stream), values_(stream.values()), max_tensors_(max_tensors), seen_(values_.node_count(), false) {}

    std::vector<AuditedTensor> run() {
        visit({stream_.root(), kRoot, {}, -1});
        queue();
        while (!pending_.empty() && tensors_.size() < max_tensors_) {
            const std::uint32_t step = pending_.back();
            pending_.pop_back();
            enter(step);
        }
        return std::move(tensors_);
    }

private:
    void visit(const Step& step) {
        if (seen_[step.node] || values_.kind(step.node) == Kind::Unknown) return;
        seen_[step.node] = true;
        steps_.push_back(step);
        found_.push_back(static_cast<std::uint32_t>(steps_.size() - 1));
    }

    /// Values are entered from the end of the queue, so each batch is reversed: tensors keep the order of the file.
    void queue() {
        pending_.insert(pending_.end(), found_.rbegin(), found_.rend());
        found_.clear();
    }

    void enter(std::uint32_t at) {
        const Index node = steps_[at].node;
        switch (values_.kind(node)) {
            case Kind::Tuple:
            case Kind::List: {
                std::int64_t place = 0;
                for (const Index item : values_.items(node)) visit({item, at, {}, place++});
                break;
            }
            case Kind::Dict:
                enter_pairs(at, values_.items(node));
                break;
            case Kind::Object:
                enter_object(at, values_.object(node));
                break;
            default:
                break;
        }
        queue();
    }

    void enter_pairs(std::uint32_t at, const std::vector<Index>& pairs) {
        for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
            const bool named = values_.kind(pairs[i]) == Kind::Text;
            const bool counted = values_.kind(pairs[i]) == Kind::Int;
            visit({pairs[i + 1], at, named ? values_.text(pairs[i]) : std::string_view{},
                   counted ? values_.integer(pairs[i]) : -1});
        }
    }

    void enter_object(std::uint32_t at, const ValueArena::Object& object) {
        if (values_.kind(object.callable) == Kind::Global) {
            const std::string_view name = stream_.name(object.callable).name;
            if (name.starts_with("_rebuild_tensor")) {
                add_tensor(at, object);
                return;
            }
        }
        visit({object.arguments, at, {}, -1});
        visit({object.state, at, {}, -1});
        enter_pairs(at, object.pairs);
    }

    std::vector<std::int64_t> numbers(Index node) const {
        std::vector<std::int64_t> out;
        if (values_.kind(node) == Kind::Object) {
            // torch.Size
            const Index arguments = values_.object(node).arguments;
            if (values_.kind(arguments) != Kind::Tuple || values_.items(arguments).empty()) return out;
            node = values_.items(arguments).front();
        }
        if (values_.kind(node) != Kind::Tuple && values_.kind(node) != Kind::List) return out;
        for (const Index item : values_.items(node)) {
            if (out.size() == kMaxRank) break;
            out.push_back(values_.kind(item) == Kind::Int ? values_.integer(item) : -1);
        }
        return out;
    }

    /// One long text may be shared by all tensors, so it is truncated.
    std::string text(Index node) const {
        return values_.kind(node) == Kind::Text ? std::string(values_.text(node).substr(0, kMaxTextBytes))
                                                : std::string();
    }

    void add_tensor(std::uint32_t at, const ValueArena::Object& object) {
        AuditedTensor tensor{.path = path(at), .dtype = {}, .shape = {}, .strides = {}, .storage = {}, .location = {}};
        if (values_.kind(object.arguments) == Kind::Tuple) {
            const auto& arguments = values_.items(object.arguments);
            if (!arguments.empty()) read_storage(arguments[0], tensor);
            if (arguments.size() > 1 && values_.kind(arguments[1]) == Kind::Int)
                tensor.offset = values_.integer(arguments[1]);
            if (arguments.size() > 2) tensor.shape = numbers(arguments[2]);
            if (arguments.size() > 3) tensor.strides = numbers(arguments[3]);
        }
        tensors_.push_back(std::move(tensor));
    }

    void read_storage(Index node, AuditedTensor& tensor) const {
        if (values_.kind(node) != Kind::PersistentId) return;
        const auto tuple = values_.persistent_id(node);
        if (values_.kind(tuple) != Kind::Tuple) return;
        const auto& parts = values_.items(tuple);
        if (parts.size() < 4) return;
        if (values_.kind(parts[1]) == Kind::Global) {
            const std::string& name = stream_.name(parts[1]).name;
            const auto* found = std::ranges::find(kDtypes, std::string_view(name), &DtypeName::storage);
            tensor.dtype = found == kDtypes.end() ? name : std::string(found->dtype);
        }
        tensor.storage = text(parts[2]);
        tensor.location = text(parts[3]);
    }

    /// The path as PyTorch writes it: without the dictionaries in which every module keeps its parts.
    std::string path(std::uint32_t at) const {
        std::vector<std::string> words;
        std::size_t length = 0;
        for (; at != kRoot && length < kMaxPathBytes; at = steps_[at].parent) {
            const Step& step = steps_[at];
            const bool part = step.word == "_modules" || step.word == "_parameters" || step.word == "_buffers";
            if (part || (step.word.empty() && step.number < 0) || is_argument(step)) continue;
            words.push_back(step.word.empty() ? std::to_string(step.number)
                                              : std::string(step.word.substr(0, kMaxTextBytes)));
            length += words.back().size() + 1;
        }
        std::string out;
        for (auto word = words.rbegin(); word != words.rend(); ++word) out += (out.empty() ? "" : ".") + *word;
        return out;
    }

    /// Whether the step leads to an argument of a call, as of `_rebuild_parameter`: its position is no part of a name.
    bool is_argument(const Step& step) const {
        if (step.number < 0 || !step.word.empty() || step.parent == kRoot) return false;
        const Step& tuple = steps_[step.parent];
        if (tuple.parent == kRoot || values_.kind(tuple.node) != Kind::Tuple) return false;
        const Index owner = steps_[tuple.parent].node;
        return values_.kind(owner) == Kind::Object && values_.object(owner).arguments == tuple.node;
    }

    const Stream& stream_;
    const ValueArena& values_;
    std::size_t max_tensors_;
    std::vector<bool> seen_;
    std::vector<Step> steps_;
    std::vector<std::uint32_t> found_;
    std::vector<std::uint32_t> pending_;
    std::vector<AuditedTensor> tensors_;
};

}  // namespace

std::vector<AuditedTensor> tensors_of(const Stream& stream, std::size_t max_tensors) {
    return Walk(stream, max_tensors).run();
}

}  // namespace yolovino::scan
