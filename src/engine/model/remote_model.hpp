#pragma once

#include <filesystem>
#include <string>

#include "engine/model/export_info.hpp"
#include "runtime/remote/place.hpp"

namespace yolovino::engine {

/// Where the model of an address is: `http://host:8000/NAME`, also with the task behind it as Ultralytics writes it,
/// or `http://host:8000/v2/models/NAME`. @throws Error InvalidArgument for other addresses
runtime::RemotePlace remote_place(const std::filesystem::path& url);

/// Describes a model of a server by the metadata of its configuration (servers of yolovino, and Triton where they were
/// written there), else by the labels that OpenVINO Model Server has of an exported model.
/// @throws Error InvalidArgument, NotFound, NetworkFailure, ShapeMismatch, CorruptFile, LimitExceeded
ExportInfo describe_remote(const std::filesystem::path& url);

/// Nothing is to be installed: what runs the network is elsewhere.
std::string http_version();

}  // namespace yolovino::engine
