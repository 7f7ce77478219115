#include "nets/builder.hpp"
#include "nets/heads/detect.hpp"
#include "unit/tasks/twin/twin.hpp"

namespace yolovino::twin {

namespace op = graph::op;

std::vector<nets::HeadOutput> build_head(nets::Builder& builder, const checkpoint::Module& module,
                                         const std::string& path, const std::vector<graph::Value>& inputs) {
    const nets::HeadOutput detect = nets::build_detect(builder, module, path, inputs).front();
    const std::int64_t rows = builder.shape(detect.value).at(1);
    const graph::Value parts =
        builder.add(path + ".rows", op::Split{.axis = 1, .sizes = {1, rows - 1}}, {detect.value});
    const graph::Value half = builder.add(path + ".half", op::Scale{0.5F}, {parts});
    const graph::Value all = builder.add(path + ".twin", op::Concat{.axis = 1}, {detect.value, half});
    const graph::Value map =
        builder.add(path + ".map", op::Activation{.kind = op::ActivationKind::Sigmoid}, {inputs.front()});
    return {{all, detect.axes}, {map, {"batch", "channels", "map_height", "map_width"}}};
}

}  // namespace yolovino::twin
