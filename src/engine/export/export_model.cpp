#include "engine/export/export_model.hpp"

#include "yolovino/error.hpp"

#include "engine/export/exporter.hpp"
#include "engine/export/importer.hpp"

namespace yolovino::engine {

std::filesystem::path export_model(const LoadedModel& model, const ExportArgs& args) {
    if (model.checkpoint) return export_checkpoint(*model.checkpoint, model.info, args);
    if (!args.int8) return export_imported(model, args);
    if (model.info.int8) {
        throw Error(ErrorCode::InvalidArgument, "export", "the model is quantized already, wanted a .pt checkpoint",
                    {.file = model.info.path.string()});
    }
    const bool is_openvino = model.format == ModelFormat::OpenVino;
    return is_openvino ? export_quantized(model.exported, model.info, args) : export_imported(model, args);
}

}  // namespace yolovino::engine
