#pragma once

// The functions that docs/library.md shows. A test compares the text between the marks with the page.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include <yolovino/yolovino.hpp>

namespace snippets {

void detect_in_files(const std::string& model_path, const std::string& source);
std::size_t detect_in_memory(const yolovino::Model& model, const std::vector<std::uint8_t>& bgr, int height, int width);
std::size_t detect_in_jpeg(const yolovino::Model& model, std::span<const std::byte> jpeg);
void use_tasks(const yolovino::Results& results);
void save_results(const yolovino::Results& results, const std::filesystem::path& folder);
yolovino::Model export_model(const yolovino::Model& checkpoint, const std::filesystem::path& folder);
void quantize_model(const yolovino::Model& checkpoint, const std::string& data, const std::filesystem::path& folder);
double validate_model(const yolovino::Model& model, const std::filesystem::path& data);
void benchmark_formats(const std::filesystem::path& checkpoint, const std::filesystem::path& data);
bool is_safe_to_load(const std::filesystem::path& file);
std::optional<yolovino::Model> open_model(const std::filesystem::path& path);
void receive_messages();
void share_model(const yolovino::Model& model, const std::vector<std::string>& sources);
void serve_images(const yolovino::Model& model, const std::vector<std::span<const std::byte>>& requests);
bool contains_object(const yolovino::Model& model, const std::string& video);
std::size_t count_objects(const yolovino::Model& model, std::span<const yolovino::Image> frames);
void list_devices();

}  // namespace snippets
