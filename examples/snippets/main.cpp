// Runs every snippet once: example_snippets MODEL.pt IMAGE DATA.yaml

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "snippets.hpp"

namespace {

namespace fs = std::filesystem;

void expect(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(what);
}

void run(const fs::path& checkpoint, const fs::path& image, const fs::path& data, const fs::path& folder) {
    snippets::receive_messages();
    snippets::list_devices();
    const std::optional<yolovino::Model> model = snippets::open_model(checkpoint);
    expect(model.has_value(), "the checkpoint is not opened");
    expect(!snippets::open_model(folder / "missing.pt"), "a missing file is opened");
    expect(snippets::is_safe_to_load(checkpoint), "the checkpoint is not safe");

    snippets::detect_in_files(checkpoint.string(), image.string());
    const yolovino::Model exported = snippets::export_model(*model, folder);
    const std::vector<std::uint8_t> gray(std::size_t{320} * 320 * 3, 114);
    expect(snippets::detect_in_memory(exported, gray, 320, 320) == 0, "something is detected in a gray image");
    std::ifstream stream(image, std::ios::binary);
    const std::string jpeg{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    expect(snippets::detect_in_jpeg(exported, std::as_bytes(std::span(jpeg))) > 0, "nothing is detected in the image");
    snippets::serve_images(exported, {std::as_bytes(std::span(jpeg)), std::as_bytes(std::span(jpeg))});
    expect(snippets::contains_object(exported, image.string()), "nothing is found in the image");
    snippets::share_model(exported, {image.string(), image.string()});
    const std::vector<yolovino::Image> frames(3, exported.predict(image.string()).all().at(0).orig_img);
    expect(snippets::count_objects(exported, frames) > 0, "nothing is tracked");
    const std::vector<yolovino::Results> results = exported.predict(image.string()).all();
    snippets::save_results(results.at(0), folder);
    expect(fs::file_size(folder / "labels.txt") > 0, "no label is written");
    for (const char* task : {"-seg", "-pose", "-obb", "-cls"}) {
        const yolovino::Model other(checkpoint.parent_path() / (checkpoint.stem().string() + task + ".pt"));
        snippets::use_tasks(other.predict(image.string()).all().at(0));
    }

    expect(snippets::validate_model(*model, data) > 0.8, "the accuracy is wrong");
    snippets::quantize_model(*model, data.string(), folder);
    snippets::benchmark_formats(checkpoint, data);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: example_snippets MODEL.pt IMAGE DATA.yaml\n";
        return 2;
    }
    try {
        std::string name = (fs::temp_directory_path() / "yolovino-snippets-XXXXXX").string();
        expect(::mkdtemp(name.data()) != nullptr, "no temporary folder can be made");
        const fs::path folder = name;
        run(argv[1], argv[2], argv[3], folder);
        fs::remove_all(folder);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    std::cout << "every snippet has run\n";
    return 0;
}
