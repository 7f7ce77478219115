#include "serve/kserve/infer_document.hpp"

#include <fmt/format.h>
#include <utility>

#include "base/fail.hpp"
#include "documents/json.hpp"

namespace yolovino::serve {

namespace {

using nlohmann::json;

constexpr documents::JsonLimits kLimits = {.depth = 24, .values = 16'000'000};
/// Everything but data is small; nodes of the tree are far larger than their text.
constexpr std::size_t kMaxNodes = 100'000;

class Sink final : public documents::JsonSink {
public:
    explicit Sink(InferDocument& out) : out_(out) {}

    void scalar(json&& value) override {
        if (data_depth_ > 0) return take(std::move(value));
        if (is_data()) throw Error(ErrorCode::InvalidArgument, "kserve", "the data of an input is no list");
        place(std::move(value));
    }
    void begin_list() override {
        if (data_depth_ > 0 || is_data()) {
            if (data_depth_++ == 0) {
                place(json(out_.data.size()));
                out_.data.emplace_back();
            }
            return;
        }
        open_.push_back(&place(json::array()));
        keys_.emplace_back();
    }
    void begin_map() override {
        if (data_depth_ > 0 || is_data())
            throw Error(ErrorCode::InvalidArgument, "kserve", "the data of an input holds a JSON object");
        open_.push_back(&place(json::object()));
        keys_.emplace_back();
    }
    void key(std::string&& name) override { keys_.back() = std::move(name); }
    void end() override {
        if (data_depth_ > 0) {
            --data_depth_;
            return;
        }
        open_.pop_back();
        keys_.pop_back();
    }

private:
    /// Whether the next value is `inputs[i].data`.
    bool is_data() const {
        return open_.size() == 3 && open_[1]->is_array() && open_[2]->is_object() && keys_[0] == "inputs" &&
               keys_[2] == "data";
    }

    void take(json&& value) {
        InferData& data = out_.data.back();
        if (value.is_string()) {
            data.texts.push_back(std::move(value.get_ref<std::string&>()));
        } else if (value.is_boolean()) {
            data.numbers.push_back(value.get<bool>() ? 1.0F : 0.0F);
        } else if (value.is_number()) {
            data.numbers.push_back(value.get<float>());
        } else {
            throw Error(ErrorCode::InvalidArgument, "kserve", "the data of an input holds null");
        }
    }

    json& place(json&& value) {
        if (++nodes_ > kMaxNodes)
            throw Error(ErrorCode::LimitExceeded, "kserve",
                        fmt::format("the request holds more than {} values besides data", kMaxNodes));
        if (open_.empty()) return out_.tree = std::move(value);
        json& parent = *open_.back();
        if (parent.is_object()) return parent[keys_.back()] = std::move(value);
        parent.push_back(std::move(value));
        return parent.back();
    }

    InferDocument& out_;
    std::vector<json*> open_;
    std::vector<std::string> keys_;  ///< of each value in `open_`, the last one met
    std::size_t data_depth_ = 0;     ///< of lists inside data
    std::size_t nodes_ = 0;
};

}  // namespace

InferDocument read_infer_document(std::string_view text) {
    InferDocument out;
    Sink sink(out);
    try {
        documents::read_json(text, {"kserve", {}}, sink, kLimits);
    } catch (const Error& e) {
        if (e.code() != ErrorCode::CorruptFile) throw;
        throw Error(ErrorCode::InvalidArgument, "kserve", e.message(), {},
                    "with binary tensors the header Inference-Header-Content-Length says where the JSON ends");
    }
    return out;
}

}  // namespace yolovino::serve
