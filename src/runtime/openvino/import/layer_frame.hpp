#pragma once

#include <fmt/format.h>
#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/result.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/fail.hpp"
#include "imports/layers.hpp"
#include "openvino/translate.hpp"
#include "runtime/openvino/import/layer_ops.hpp"

namespace yolovino::runtime {

/// The walk over a list of layers that the builders of Caffe's and Keras' networks share. `Value` stands for a tensor.
template <typename Value>
class LayerFrame {
protected:
    /// @param hint what to do about a layer that is not read
    /// @param weights_file where the weights are, for messages
    LayerFrame(const imports::LayerList& list, std::string_view hint, std::string_view weights_file)
        : list_(list), hint_(hint), weights_file_(weights_file) {}
    ~LayerFrame() = default;

    [[noreturn]] void fail(ErrorCode code, const std::string& message, std::string_view hint = {}) const {
        layers::refuse(list_, *layer_, code, message, hint);
    }
    [[noreturn]] void unsupported(const std::string& message) const { fail(ErrorCode::UnsupportedModel, message); }

    /// Steps to a layer and takes its inputs. Returns what builds it.
    template <typename Build>
    Build enter(const imports::Layer& layer, const std::unordered_map<std::string, Build>& builders) {
        layer_ = &layer;
        const auto build = builders.find(layer.type);
        if (build == builders.end()) fail(ErrorCode::UnsupportedModel, "is not read", hint_);
        inputs_.clear();
        for (const std::string& name : layer.inputs) {
            const auto found = values_.find(name);
            if (found == values_.end())
                fail(ErrorCode::CorruptFile,
                     fmt::format("takes '{}', which no earlier layer gives", base::printable(name)));
            inputs_.push_back(found->second);
        }
        return build->second;
    }

    /// What goes wrong in `body` is said of the layer.
    template <typename Body>
    auto guarded(const Body& body) const {
        try {
            return body();
        } catch (const Error&) {
            throw;
        } catch (const nlohmann::json::exception& e) {
            fail(ErrorCode::CorruptFile, fmt::format("has parameters of the wrong kind: {}", e.what()));
        } catch (const std::exception& e) {
            fail(ErrorCode::ShapeMismatch, fmt::format("does not fit: {}", openvino::reason_in(e.what())));
        }
    }

    const Value& in() const { return inputs_.front(); }

    /// @throws Error CorruptFile if no layer gives this output
    const Value& output(const std::string& name) const {
        const auto found = values_.find(name);
        if (found == values_.end()) {
            throw Error(ErrorCode::CorruptFile, "import",
                        fmt::format("no layer gives the output '{}'", base::printable(name)), {.file = list_.file});
        }
        return found->second;
    }

    /// The network of what was built. @param tensor_name of each output
    std::shared_ptr<ov::Model> finish(const std::vector<std::pair<ov::Output<ov::Node>, std::string>>& outputs,
                                      const std::string& name) const {
        ov::ResultVector results;
        for (const auto& [value, tensor_name] : outputs) {
            value.get_tensor().add_names({tensor_name});
            results.push_back(std::make_shared<ov::op::v0::Result>(value));
        }
        auto model = std::make_shared<ov::Model>(results, parameters_, name);
        layers::make_names_unique(*model);
        return model;
    }

    const imports::Array& array(std::size_t place) const {
        const std::vector<imports::Array>& weights = *layer_->weights;
        if (place >= weights.size()) {
            fail(ErrorCode::CorruptFile,
                 fmt::format("has {} weights in the {}, wanted {} or more", weights.size(), weights_file_, place + 1));
        }
        return weights[place];
    }

    const imports::LayerList& list_;
    const imports::Layer* layer_ = nullptr;
    std::vector<Value> inputs_;
    std::unordered_map<std::string, Value> values_;
    ov::ParameterVector parameters_;

private:
    std::string_view hint_;
    std::string_view weights_file_;
};

}  // namespace yolovino::runtime
