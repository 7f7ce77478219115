#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/values.hpp"

namespace yolovino::checkpoint {

/// An Ultralytics checkpoint, read without executing anything in it.
class Checkpoint {
public:
    /// @throws Error NotFound, IoFailure, UnsupportedFile, CorruptFile, LimitExceeded, UnsupportedModel
    static Checkpoint open(const std::filesystem::path& path);

    Checkpoint(Checkpoint&&) noexcept;
    Checkpoint& operator=(Checkpoint&&) noexcept;
    ~Checkpoint();

    const std::filesystem::path& path() const noexcept;

    /// The model object (`DetectionModel`): `ema` if the file has one, otherwise `model`. Child `model` is the list of
    /// layers.
    const Module& model() const noexcept;
    std::shared_ptr<const Module> shared_model() const noexcept;
    /// Top-level entries other than the model, in the file's order (`date`, `version`, `train_args`, …).
    const Dict& metadata() const noexcept;
    const Value* metadata(std::string_view key) const noexcept;

    /// Elements as f32, contiguous in row-major order. Checks range, size, CRC, and that all are finite.
    /// @param name what to call the tensor in messages. Thread-safe. @throws Error CorruptFile, LimitExceeded
    std::vector<float> read_f32(const TensorRef& tensor, std::string_view name) const;

    /// SHA-256 of the whole file, hexadecimal.
    const std::string& sha256() const;

private:
    struct State;
    explicit Checkpoint(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace yolovino::checkpoint
