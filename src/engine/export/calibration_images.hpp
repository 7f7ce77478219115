#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "yolovino/export_args.hpp"
#include "yolovino/quantization.hpp"

#include "runtime/openvino/calibrate/calibration.hpp"
#include "tasks/task.hpp"

namespace yolovino::engine {

/// The files that `data`, `split`, and `fraction` mean. Warns if they are few.
/// @throws Error NotFound, CorruptFile, InvalidArgument
std::vector<std::string> calibration_images(const ExportArgs& args);

/// The images as prediction prepares them. What cannot be read is reported once.
class CalibrationImages {
public:
    /// @param files have to outlive it
    /// @param classes of the network, 0 if unknown
    CalibrationImages(const std::vector<std::string>& files, ImageSize size, const tasks::Task& task,
                      std::size_t classes);
    CalibrationImages(const CalibrationImages&) = delete;
    CalibrationImages& operator=(const CalibrationImages&) = delete;
    ~CalibrationImages() = default;

    const runtime::CalibrationInput& input() const noexcept { return input_; }

private:
    bool fill(std::size_t index, std::span<float> tensor);

    runtime::CalibrationInput input_;
    const tasks::Task& task_;
    const std::vector<std::string>& files_;
    std::mutex mutex_;
    std::vector<char> reported_;
};

/// Writes names and hashes of the images that were used into the report.
void list_images(const std::vector<std::string>& files, const std::vector<std::size_t>& used, QuantizationInfo& info);

}  // namespace yolovino::engine
