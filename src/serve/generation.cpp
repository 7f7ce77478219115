#include "serve/generation.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "yolovino/image.hpp"

#include "base/file.hpp"
#include "base/folder.hpp"
#include "base/sha256.hpp"

namespace yolovino::serve {

namespace {

namespace fs = std::filesystem;

/// Of a file its hash; of an exported folder one hash over the names and hashes of its files.
std::string hash_of(const fs::path& file) {
    if (!base::is_folder(file)) return base::sha256(base::RandomAccessFile(file));
    base::Sha256 digest;
    std::error_code error;
    for (const std::string& name : base::folder_entries(file, error)) {
        if (!base::is_file(file / name)) continue;
        digest.add_field(name);
        digest.add_field(base::sha256(base::RandomAccessFile(file / name)));
    }
    if (error) throw Error(ErrorCode::IoFailure, "serve", "the folder cannot be read: " + error.message(), {file});
    return digest.hexadecimal();
}

/// The size of the network's input unless a request says otherwise, a multiple of the largest stride.
ImageSize size_of(const ModelInfo& info, const PredictArgs& args) {
    constexpr ImageSize kUsual{640, 640};
    const ImageSize given = args.imgsz.value_or(info.imgsz);
    const ImageSize size = given.height > 0 && given.width > 0 ? given : kUsual;
    const int stride = info.strides.empty() ? 1 : std::max(info.strides.back(), 1);
    const auto round_up = [stride](int pixels) { return (pixels + stride - 1) / stride * stride; };
    return {round_up(size.height), round_up(size.width)};
}

/// Names and shapes of what the network gives for one input.
std::vector<Tensor> outputs_of(const Predictor& predictor, int batch, ImageSize size) {
    constexpr std::size_t kChannels = 3;
    const std::vector<float> input(kChannels * static_cast<std::size_t>(batch) * static_cast<std::size_t>(size.height) *
                                   static_cast<std::size_t>(size.width));
    std::vector<Tensor> outputs = predictor.infer(input, batch, size);
    for (Tensor& output : outputs) output.data = {};
    return outputs;
}

/// One gray image all the way to results, so that no request pays for what is done once.
void warm_up(const Predictor& predictor, ImageSize size) {
    Image image(size.height, size.width);
    constexpr int kGray = 114;
    std::memset(image.data(), kGray, image.size_bytes());
    static_cast<void>(predictor(image.view()));
}

}  // namespace

std::shared_ptr<const Generation> Generations::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    if (order_.empty()) return nullptr;
    const auto found = current_.find(name.empty() ? order_.front() : name);
    return found == current_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Generation>> Generations::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<const Generation>> generations;
    generations.reserve(order_.size());
    for (const std::string& name : order_) generations.push_back(current_.at(name));
    return generations;
}

void Generations::put(std::shared_ptr<const Generation> generation) {
    // What it replaces may end here, which takes its time: after the lock.
    std::shared_ptr<const Generation> previous;
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const Generation>& place = current_[generation->name];
    if (place == nullptr) order_.push_back(generation->name);
    previous = std::exchange(place, std::move(generation));
}

bool Generations::remove(const std::string& name) {
    std::shared_ptr<const Generation> previous;
    const std::lock_guard lock(mutex_);
    const auto found = current_.find(name);
    if (found == current_.end()) return false;
    previous = std::move(found->second);
    current_.erase(found);
    std::erase(order_, name);
    return true;
}

std::shared_ptr<const Generation> load_generation(const std::string& name, const std::string& file,
                                                  const PredictArgs& args, std::uint64_t number,
                                                  const std::string& task) {
    std::string hash = hash_of(file);
    Model model(file, task);
    Predictor predictor = model.predictor(args);
    const ImageSize size = size_of(model.info(), args);
    std::vector<Tensor> outputs = outputs_of(predictor, model.info().dynamic ? 1 : model.info().batch, size);
    warm_up(predictor, size);
    return std::make_shared<const Generation>(Generation{.name = name,
                                                         .number = number,
                                                         .sha256 = std::move(hash),
                                                         .model = std::move(model),
                                                         .args = args,
                                                         .predictor = std::move(predictor),
                                                         .outputs = std::move(outputs)});
}

}  // namespace yolovino::serve
