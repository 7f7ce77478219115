#include "runtime/remote/network.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <thread>
#include <utility>

#include "base/fail.hpp"
#include "tensors/signature.hpp"

namespace yolovino::runtime {

namespace {

constexpr const char* kArea = "server";
constexpr std::string_view kOwnPlatform = "yolovino";
/// Below the limit that servers have unless they are told otherwise.
constexpr std::size_t kMaxRequestBytes = 30'000'000;
/// For so long a busy server is asked again.
constexpr std::chrono::seconds kPatience{60};

/// What the sessions of one model share.
struct Network {
    RemotePlace place;
    RemoteDescription model;
};

RemoteAnswer expect_success(RemoteAnswer answer, const std::string& url) {
    if (answer.status == 200) return answer;
    throw Error(answer.status == 404 ? ErrorCode::NotFound : ErrorCode::NetworkFailure, kArea,
                fmt::format("the server answers with HTTP status {}: {}", answer.status, read_error(answer.body)),
                {.file = url});
}

std::chrono::milliseconds pause_of(const RemoteAnswer& answer) {
    constexpr int kLongest = 10;
    int seconds = 0;
    const char* end = answer.retry_after.data() + answer.retry_after.size();
    std::from_chars(answer.retry_after.data(), end, seconds);
    return seconds > 0 ? std::chrono::seconds(std::min(seconds, kLongest)) : std::chrono::milliseconds(100);
}

class RemoteSession final : public Session {
public:
    explicit RemoteSession(std::shared_ptr<const Network> network)
        : network_(std::move(network)), connection_(network_->place.connect()), values_(names().size()) {
        for (const std::string& name : names()) outputs_.tensors.push_back({.name = name, .shape = {}, .data = {}});
    }

    std::span<float> input(const InputShape& shape) override {
        const graph::Shape wanted = {shape.batch, 3, shape.size.height, shape.size.width};
        const graph::Shape& declared = network_->model.signature.inputs.front().dims;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (declared[i] == graph::kDynamic || declared[i] == wanted[i]) continue;
            throw Error(ErrorCode::ShapeMismatch, kArea,
                        fmt::format("the network takes {}, got {}", graph::to_text(declared), graph::to_text(wanted)),
                        {.file = network_->place.url});
        }
        shape_ = wanted;
        input_.resize(static_cast<std::size_t>(wanted[0] * wanted[1] * wanted[2] * wanted[3]));
        return input_;
    }

    const tensors::Outputs& infer() override {
        const RemoteType type = type_of_input();
        const auto images = static_cast<std::size_t>(shape_[0]);
        const std::size_t image_values = input_.size() / images;
        const std::size_t image_bytes = image_values * (type == RemoteType::Uint8 ? 1 : sizeof(float));
        const bool divisible = network_->model.signature.inputs.front().dims[0] == graph::kDynamic;
        const std::size_t most = divisible ? std::max<std::size_t>(kMaxRequestBytes / image_bytes, 1) : images;
        for (std::vector<float>& each : values_) each.clear();
        for (std::size_t first = 0; first < images; first += most) {
            const std::size_t count = std::min(most, images - first);
            graph::Shape shape = shape_;
            shape[0] = static_cast<std::int64_t>(count);
            ask(write_request(network_->model, type, shape,
                              std::span(input_).subspan(first * image_values, count * image_values)),
                count);
        }
        for (std::size_t i = 0; i < values_.size(); ++i) {
            outputs_.tensors[i].shape[0] = shape_[0];
            outputs_.tensors[i].data = values_[i];
        }
        return outputs_;
    }

private:
    const std::vector<std::string>& names() const { return network_->model.output_names; }

    /// Our own server takes images as bytes, a quarter of the traffic, and computes the same quotients.
    RemoteType type_of_input() const {
        if (network_->model.signature.inputs.front().type == "f16") return RemoteType::Fp16;
        return network_->model.platform == kOwnPlatform && are_pixels(input_) ? RemoteType::Uint8 : RemoteType::Fp32;
    }

    void ask(const RemoteRequest& request, std::size_t images) {
        const std::string path = network_->place.path + "/infer";
        const auto give_up = std::chrono::steady_clock::now() + kPatience;
        RemoteAnswer answer = connection_->post(path, request.json_bytes, request.body);
        while (answer.status == 503 && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(pause_of(answer));
            answer = connection_->post(path, request.json_bytes, request.body);
        }
        answer = expect_success(std::move(answer), network_->place.url);
        std::vector<RemoteOutput> got = read_answer(answer, names(), network_->place.url);
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (got[i].shape.empty() || got[i].shape[0] != static_cast<std::int64_t>(images))
                throw Error(ErrorCode::ShapeMismatch, kArea,
                            fmt::format("the server gave {} for {} images", graph::to_text(got[i].shape), images),
                            {.file = network_->place.url});
            outputs_.tensors[i].shape = std::move(got[i].shape);
            if (values_[i].empty()) {
                values_[i] = std::move(got[i].values);
            } else {
                values_[i].insert(values_[i].end(), got[i].values.begin(), got[i].values.end());
            }
        }
    }

    std::shared_ptr<const Network> network_;
    std::unique_ptr<RemoteConnection> connection_;
    graph::Shape shape_;
    std::vector<float> input_;
    std::vector<std::vector<float>> values_;  ///< of each output
    tensors::Outputs outputs_;
};

class RemoteCompiled final : public CompiledNetwork {
public:
    explicit RemoteCompiled(std::shared_ptr<const Network> network) : network_(std::move(network)) {}
    std::unique_ptr<Session> new_session() override { return std::make_unique<RemoteSession>(network_); }
    std::string describe() override {
        const std::string& platform = network_->model.platform;
        return fmt::format("{}{} over HTTP", network_->place.url,
                           platform.empty() ? "" : fmt::format(" ({})", base::printable(platform, 40)));
    }
    std::string precision() override { return "unknown"; }

private:
    std::shared_ptr<const Network> network_;
};

class RemoteLoaded final : public LoadedNetwork {
public:
    explicit RemoteLoaded(std::shared_ptr<const Network> network)
        : network_(std::move(network)), compiled_(std::make_shared<RemoteCompiled>(network_)) {}

    bool dynamic() const override {
        const graph::Shape& dims = network_->model.signature.inputs.front().dims;
        return std::ranges::find(dims, graph::kDynamic) != dims.end();
    }
    InputShape shape() const override {
        const graph::Shape& dims = network_->model.signature.inputs.front().dims;
        const auto dim = [&](std::size_t i) { return static_cast<int>(std::max<std::int64_t>(dims[i], 0)); };
        return {dim(0), {dim(2), dim(3)}};
    }
    tensors::Signature signature() const override { return network_->model.signature; }
    std::shared_ptr<CompiledNetwork> compile(const RuntimeArgs&, const InputShape&) override { return compiled_; }

private:
    std::shared_ptr<const Network> network_;
    std::shared_ptr<RemoteCompiled> compiled_;
};

}  // namespace

RemoteDescription describe_remote_model(const RemotePlace& place) {
    const auto connection = place.connect();
    return read_description(expect_success(connection->get(place.path), place.url).body, place.url);
}

std::optional<std::string> remote_metadata(const RemotePlace& place) {
    const RemoteAnswer answer = place.connect()->get(place.path + "/config");
    if (answer.status != 200) return {};
    return read_config_metadata(answer.body, place.url);
}

std::unique_ptr<LoadedNetwork> load_remote(const RemotePlace& place, const tensors::SignatureCheck& wanted) {
    auto network = std::make_shared<Network>(Network{place, describe_remote_model(place)});
    (wanted ? wanted : tensors::expect_image_network)(network->model.signature, kArea, place.url);
    return std::make_unique<RemoteLoaded>(std::move(network));
}

}  // namespace yolovino::runtime
