#include <nlohmann/json.hpp>

#include "support/command.hpp"
#include "support/samples.hpp"

namespace yolovino {
namespace {

using Json = nlohmann::json;

using test::kSample;
const std::string kDataset = YOLOVINO_SOURCE_DIR "/assets/sample/shapes-val/shapes.yaml";

class ConfusionMatrix : public test::Command {
protected:
    /// The matrix that `results.json` holds after a validation.
    Json matrix_of(const std::string& model, const std::string& data, const std::string& arguments) const {
        const test::Outcome outcome = yolo("val model='" + model + "' data='" + data +
                                           "' batch=1 rect=True runtime=openvino device=cpu precision=f32 plots=False "
                                           "project=out name=v exist_ok=True verbose=False " +
                                           arguments);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        const Json results = Json::parse(test::content(folder.path() / "runs/detect/out/v/results.json"));
        const Json& found = results.at("confusion_matrix");
        EXPECT_EQ(found.at("names").size(), found.at("matrix").size());
        EXPECT_EQ(found.at("names").back(), "background");
        return found.at("matrix");
    }

    static Json recorded(const std::string& run) {
        static const Json all = Json::parse(test::content(YOLOVINO_SOURCE_DIR "/tests/golden/confusion/matrices.json"));
        return all.at(run);
    }

    /// How many counts two matrices differ in; `entries` are [predicted, true, count].
    static int distance(const Json& matrix, const Json& entries) {
        Json wanted = matrix;
        for (Json& row : wanted)
            for (Json& cell : row) cell = 0;
        for (const Json& entry : entries) wanted[entry[0].get<std::size_t>()][entry[1].get<std::size_t>()] = entry[2];
        int sum = 0;
        for (std::size_t p = 0; p < matrix.size(); ++p)
            for (std::size_t t = 0; t < matrix.size(); ++t)
                sum += std::abs(matrix[p][t].get<int>() - wanted[p][t].get<int>());
        return sum;
    }
};

TEST_F(ConfusionMatrix, EqualsUltralyticsWhereConfIsGiven) {
    for (const char* conf : {"0.25", "0.05", "0.001"}) {
        const Json matrix = matrix_of(kSample, kDataset, std::string("imgsz=320 conf=") + conf);
        EXPECT_EQ(matrix.size(), 5U);
        EXPECT_EQ(distance(matrix, recorded(std::string("shapes, imgsz=320, conf=") + conf)), 0) << conf;
    }
}

TEST_F(ConfusionMatrix, CountsFromAQuarterWhereConfIsNotGiven) {
    const Json recorded_at_quarter = recorded("shapes, imgsz=320, conf=0.25");
    EXPECT_EQ(distance(matrix_of(kSample, kDataset, "imgsz=320"), recorded_at_quarter), 0);
    EXPECT_EQ(distance(matrix_of(kSample, kDataset, "imgsz=320 conf=None"), recorded_at_quarter), 0);
}

/// 929 labels. Ultralytics ran in PyTorch, whose boxes are a hundredth of a pixel off: a pair in 500 may lie on the
/// other side of the overlap of 0.45.
TEST_F(ConfusionMatrix, EqualsUltralyticsOnCoco128) {
    YOLOVINO_NEEDS_SHARED();
    const std::string model = (test::shared_dir() / "models/yolov8n.pt").string();
    const std::string data = (test::shared_dir() / "data/coco128/coco128.yaml").string();
    const Json matrix = matrix_of(model, data, "imgsz=640 conf=0.25");
    EXPECT_LE(distance(matrix, recorded("coco128, imgsz=640, conf=0.25")), 4);
    int labels = 0;
    for (const Json& row : matrix)
        for (std::size_t t = 0; t + 1 < row.size(); ++t) labels += row[t].get<int>();
    EXPECT_EQ(labels, 929);
}

}  // namespace
}  // namespace yolovino
