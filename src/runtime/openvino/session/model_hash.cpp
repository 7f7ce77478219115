#include "runtime/openvino/session/model_hash.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openvino/core/attribute_visitor.hpp>
#include <openvino/core/model.hpp>
#include <openvino/op/constant.hpp>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/sha256.hpp"

namespace yolovino::runtime {

namespace {

/// Writes down the attributes of one operation.
class Attributes final : public ov::AttributeVisitor {
public:
    explicit Attributes(base::Sha256& hash) : hash_(hash) {}
    bool complete() const { return complete_; }

    void on_adapter(const std::string& name, ov::ValueAccessor<void>& adapter) override {
        if (auto* shape = ov::as_type<ov::AttributeAdapter<ov::PartialShape>>(&adapter)) {
            add(name, shape->get().to_string());
        } else {
            complete_ = false;
        }
    }
    void on_adapter(const std::string&, ov::ValueAccessor<std::shared_ptr<ov::Model>>&) override { complete_ = false; }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::string>& value) override { add(name, value.get()); }
    void on_adapter(const std::string& name, ov::ValueAccessor<bool>& value) override { number(name, value.get()); }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::int64_t>& value) override {
        number(name, value.get());
    }
    void on_adapter(const std::string& name, ov::ValueAccessor<double>& value) override { number(name, value.get()); }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::int64_t>>& value) override {
        list(name, value.get());
    }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::uint64_t>>& value) override {
        list(name, value.get());
    }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<float>>& value) override {
        list(name, value.get());
    }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<double>>& value) override {
        list(name, value.get());
    }
    void on_adapter(const std::string& name, ov::ValueAccessor<std::vector<std::string>>& value) override {
        for (const std::string& each : value.get()) add(name, each);
    }

private:
    void add(const std::string& name, const std::string& value) {
        hash_.add_field(name);
        hash_.add_field(value);
    }
    template <typename T>
    void number(const std::string& name, T value) {
        add(name, fmt::format("{}", value));
    }
    template <typename T>
    void list(const std::string& name, const std::vector<T>& values) {
        add(name, fmt::format("{}", fmt::join(values, " ")));
    }

    base::Sha256& hash_;
    bool complete_ = true;
};

}  // namespace

bool add_model(base::Sha256& hash, const std::shared_ptr<const ov::Model>& model) {
    std::unordered_map<const ov::Node*, std::size_t> numbers;
    bool complete = true;
    for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
        numbers.emplace(node.get(), numbers.size());
        hash.add_field(node->get_type_info().version_id == nullptr ? "" : node->get_type_info().version_id);
        hash.add_field(node->get_type_name());
        for (const ov::Output<ov::Node>& source : node->input_values())
            hash.add_field(fmt::format("{}:{}", numbers.at(source.get_node()), source.get_index()));
        for (const ov::Output<ov::Node>& output : node->outputs()) {
            hash.add_field(output.get_element_type().to_string());
            hash.add_field(output.get_partial_shape().to_string());
        }
        if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) {
            if (constant->get_element_type() == ov::element::string) return false;
            hash.add(std::span(static_cast<const std::byte*>(constant->get_data_ptr()), constant->get_byte_size()));
            continue;
        }
        Attributes attributes(hash);
        complete = node->visit_attributes(attributes) && attributes.complete() && complete;
    }
    return complete;
}

}  // namespace yolovino::runtime
