#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "yolovino/args.hpp"
#include "yolovino/quantization.hpp"

#include "runtime/calibration.hpp"

namespace yolovino::engine {

/// The files that `data`, `split`, and `fraction` mean. Warns if they are few.
/// @throws Error NotFound, CorruptFile, InvalidArgument
std::vector<std::string> calibration_images(const ExportArgs& args);

/// The pictures as prediction prepares them. What cannot be read is told once.
class Pictures {
public:
    /// @param files have to outlive it
    Pictures(const std::vector<std::string>& files, ImageSize size);
    Pictures(const Pictures&) = delete;
    Pictures& operator=(const Pictures&) = delete;
    ~Pictures() = default;

    const runtime::CalibrationInput& input() const noexcept { return input_; }

private:
    bool fill(std::size_t index, std::span<float> tensor);

    runtime::CalibrationInput input_;
    const std::vector<std::string>& files_;
    std::mutex mutex_;
    std::vector<char> told_;
};

/// Writes names and hashes of the pictures that were used into the report.
void list_images(const std::vector<std::string>& files, const std::vector<std::size_t>& used, QuantizationInfo& info);

}  // namespace yolovino::engine
