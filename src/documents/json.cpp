#include "documents/json.hpp"

#include <fmt/format.h>
#include <utility>
#include <vector>

#include "base/fail.hpp"

namespace yolovino::documents {

using nlohmann::json;

namespace {

/// Stands between the library's parser and a sink, and counts. The parser calls it by these names.
class Guard final : public nlohmann::json_sax<json> {
public:
    Guard(const Origin& origin, JsonSink& into, const JsonLimits& limits)
        : origin_(origin), into_(into), limits_(limits) {}

    bool null() override { return scalar(json()); }
    bool boolean(bool value) override { return scalar(json(value)); }
    bool number_integer(number_integer_t value) override { return scalar(json(value)); }
    bool number_unsigned(number_unsigned_t value) override { return scalar(json(value)); }
    bool number_float(number_float_t value, const string_t&) override { return scalar(json(value)); }
    bool string(string_t& value) override { return scalar(json(std::move(value))); }
    bool binary(binary_t&) override { return false; }  // not in text

    bool start_object(std::size_t) override {
        if (begins()) into_.begin_map();
        return true;
    }
    bool start_array(std::size_t) override {
        if (begins()) into_.begin_list();
        return true;
    }
    bool key(string_t& name) override {
        if (unwanted_ > 0) return true;
        if (name == limits_.left_out && !limits_.left_out.empty()) {
            unwanted_ = depth_ + 1;
        } else {
            into_.key(std::move(name));
        }
        return true;
    }
    bool end_object() override { return ends(); }
    bool end_array() override { return ends(); }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
        throw Error(ErrorCode::CorruptFile, origin_.area,
                    fmt::format("this is not JSON: {}", base::printable(e.what())), {.file = origin_.file});
    }

private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(ErrorCode::LimitExceeded, origin_.area, what, {.file = origin_.file});
    }

    void pay() {
        if (++values_ > limits_.values) refuse(fmt::format("the JSON holds more than {} values", limits_.values));
    }

    bool scalar(json&& value) {
        if (unwanted_ == 0) {
            pay();
            into_.scalar(std::move(value));
        } else if (unwanted_ == depth_ + 1) {
            unwanted_ = 0;
        }
        return true;
    }

    bool begins() {
        if (++depth_ > limits_.depth) refuse(fmt::format("the JSON is nested deeper than {} levels", limits_.depth));
        if (unwanted_ > 0) return false;
        pay();
        return true;
    }

    bool ends() {
        if (unwanted_ == 0) {
            into_.end();
        } else if (unwanted_ == depth_) {
            unwanted_ = 0;
        }
        --depth_;
        return true;
    }

    const Origin& origin_;
    JsonSink& into_;
    const JsonLimits& limits_;
    std::size_t depth_ = 0;
    std::size_t values_ = 0;
    std::size_t unwanted_ = 0;  ///< while a value is left out, the nesting level inside it
};

class Tree final : public JsonSink {
public:
    void scalar(json&& value) override { place(std::move(value)); }
    void begin_list() override { open_.push_back(&place(json::array())); }
    void begin_map() override { open_.push_back(&place(json::object())); }
    void key(std::string&& name) override { key_ = std::move(name); }
    void end() override { open_.pop_back(); }

    json take() { return std::move(root_); }

private:
    /// Nothing else is put into a list while one of its values is open, so that its place stays.
    json& place(json&& value) {
        if (open_.empty()) return root_ = std::move(value);
        json& parent = *open_.back();
        if (parent.is_object()) return parent[std::move(key_)] = std::move(value);
        parent.push_back(std::move(value));
        return parent.back();
    }

    json root_;
    std::vector<json*> open_;
    std::string key_;
};

}  // namespace

void read_json(std::string_view text, const Origin& origin, JsonSink& into, const JsonLimits& limits) {
    Guard guard(origin, into, limits);
    json::sax_parse(text.begin(), text.end(), &guard);
}

json parse_json(std::string_view text, const Origin& origin, const JsonLimits& limits) {
    Tree tree;
    read_json(text, origin, tree, limits);
    return tree.take();
}

}  // namespace yolovino::documents
