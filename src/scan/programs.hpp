#pragma once

#include <string_view>
#include <vector>

#include "yolovino/audit.hpp"

namespace yolovino::scan {

/// Whether torch.load would run the archive as a TorchScript program.
bool is_torchscript(const std::vector<AuditedEntry>& entries);

/// Whether the archive is a Keras model.
bool is_keras(const std::vector<AuditedEntry>& entries);

/// Whether the JSON text is the configuration of a Keras model with a layer of marshalled Python code.
bool holds_lambda(std::string_view json);

}  // namespace yolovino::scan
