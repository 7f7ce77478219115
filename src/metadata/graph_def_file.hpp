#pragma once

#include <filesystem>

namespace yolovino::metadata {

/// Walks over a TensorFlow graph so that what is truncated or no graph at all is refused in plain words: TensorFlow's
/// own parser, in OpenVINO, writes to stderr.
/// @param file a frozen graph (GraphDef), or the `saved_model.pb` of a SavedModel
/// @throws Error NotFound, UnsupportedFile for another kind of file, CorruptFile, LimitExceeded
void check_graph_def(const std::filesystem::path& file);
void check_saved_model(const std::filesystem::path& file);

}  // namespace yolovino::metadata
