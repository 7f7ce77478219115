#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace yolovino::serve {

struct NamedModel {
    std::string name;  ///< under which it is served
    std::string file;
};

/// Whether a text can stand in addresses as the name of a model: 1 to 64 letters, digits, `-`, `_`, and `.`, the first
/// no `.` .
bool is_model_name(std::string_view name);

/// The name of a file or folder: `yolov8n` of `models/yolov8n.pt` and of `models/yolov8n_openvino_model/`, with `_` for
/// what names cannot have.
std::string served_name(const std::string& file);

/// The models of `a.pt,NAME=b.pt`. Without a name it is the file's, without suffixes such as `_openvino_model`.
/// @throws Error InvalidArgument for names that are wrong or there twice
std::vector<NamedModel> parse_model_list(std::string_view text);

}  // namespace yolovino::serve
