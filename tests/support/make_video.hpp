#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "yolovino/image.hpp"

/// Short videos whose right frames follow from how they are made: a colour in each quadrant and a white block whose
/// place encodes the number of the frame. The `ffmpeg` program encodes them while the tests run.
namespace yolovino::test {

struct Film {
    int width = 64;
    int height = 48;
    int frames = 10;
};

/// Red, green, blue; in the order of reading.
inline constexpr int kQuadrants[4][3] = {{200, 40, 40}, {40, 180, 40}, {40, 40, 200}, {200, 200, 60}};
inline constexpr int kBlock = 8;

inline int block_left(const Film& film, int frame) {
    return 4 + frame * 5 % (film.width - 12);
}

inline bool has_ffmpeg() {
    static const bool found = std::system("ffmpeg -version >/dev/null 2>&1") == 0;  // NOLINT(cert-env33-c)
    return found;
}

/// Runs `ffmpeg` with arguments as a shell reads them. False if it fails, after saying what it said.
inline bool run_ffmpeg(const std::filesystem::path& folder, const std::string& arguments) {
    const std::string line =
        fmt::format("cd '{}' && ffmpeg -nostdin -y -loglevel error {} >ffmpeg.log 2>&1", folder.string(), arguments);
    if (std::system(line.c_str()) == 0) return true;  // NOLINT(cert-env33-c)
    std::ifstream log(folder / "ffmpeg.log");
    ADD_FAILURE() << arguments << "\n" << std::string(std::istreambuf_iterator<char>(log), {});
    return false;
}

/// Writes the raw frames into `folder` and gives the arguments that read them. @param rate frames per second
inline std::string raw_input(const std::filesystem::path& folder, const Film& film = {}, const char* rate = "25") {
    const std::string name = fmt::format("raw{}x{}x{}.rgb", film.width, film.height, film.frames);
    std::vector<char> frame(static_cast<std::size_t>(film.width) * static_cast<std::size_t>(film.height) * 3);
    std::ofstream out(folder / name, std::ios::binary);
    for (int i = 0; i < film.frames; ++i) {
        for (int y = 0; y < film.height; ++y) {
            for (int x = 0; x < film.width; ++x) {
                const bool block = y >= film.height / 2 - 4 && y < film.height / 2 + 4 && x >= block_left(film, i) &&
                                   x < block_left(film, i) + kBlock;
                const int quadrant = (y < film.height / 2 ? 0 : 2) + (x < film.width / 2 ? 0 : 1);
                char* const pixel = frame.data() + (static_cast<std::size_t>(y) * static_cast<std::size_t>(film.width) +
                                                    static_cast<std::size_t>(x)) *
                                                       3;
                for (int c = 0; c < 3; ++c) pixel[c] = static_cast<char>(block ? 250 : kQuadrants[quadrant][c]);
            }
        }
        out.write(frame.data(), static_cast<std::streamsize>(frame.size()));
    }
    return fmt::format("-f rawvideo -pix_fmt rgb24 -s {}x{} -r {} -i {}", film.width, film.height, rate, name);
}

/// The colour in the middle of a quadrant's outer part, where the block never is: red, green, blue.
inline std::vector<int> quadrant_colour(const Image& image, int quadrant) {
    const int y = image.height() * (quadrant < 2 ? 2 : 8) / 10;
    const int x = image.width() * (quadrant % 2 == 0 ? 1 : 3) / 4;
    std::vector<int> sums(3);
    for (int dy = -2; dy <= 2; ++dy) {
        for (int dx = -2; dx <= 2; ++dx) {
            for (int c = 0; c < 3; ++c) sums[static_cast<std::size_t>(c)] += image.row(y + dy)[(x + dx) * 3 + 2 - c];
        }
    }
    for (int& sum : sums) sum = (sum + 12) / 25;
    return sums;
}

/// Which frame of the film an upright image shows, by the block; -1 if there is no block.
inline int frame_number(const Image& image, const Film& film = {}) {
    constexpr int kWhite = 205;
    int columns = 0;
    int sum = 0;
    for (int x = 0; x < image.width(); ++x) {
        const std::uint8_t* const pixel = image.row(image.height() / 2) + x * 3;
        if (std::min({pixel[0], pixel[1], pixel[2]}) < kWhite) continue;
        ++columns;
        sum += x;
    }
    if (columns < kBlock / 2 || columns > kBlock * 2) return -1;
    for (int i = 0; i < film.frames; ++i) {
        if (std::abs(sum / columns - (block_left(film, i) + kBlock / 2)) <= 2) return i;
    }
    return -1;
}

/// Expects the film's colours, as well as lossy coding keeps them, and a frame of it.
inline void expect_frame(const Image& image, int frame, const Film& film = {}, int tolerance = 8) {
    ASSERT_EQ(image.size(), (ImageSize{film.height, film.width}));
    for (int quadrant = 0; quadrant < 4; ++quadrant) {
        const std::vector<int> colour = quadrant_colour(image, quadrant);
        for (std::size_t c = 0; c < 3; ++c)
            EXPECT_NEAR(colour[c], kQuadrants[quadrant][c], tolerance)
                << "quadrant " << quadrant << ", channel " << c << ", frame " << frame;
    }
    EXPECT_EQ(frame_number(image, film), frame);
}

/// The image turned clockwise by so many quarters.
inline Image turned(const Image& image, int quarters) {
    Image current = image;
    for (int turn = 0; turn < quarters; ++turn) {
        Image next(current.width(), current.height());
        for (int y = 0; y < next.height(); ++y) {
            for (int x = 0; x < next.width(); ++x)
                std::copy_n(current.row(current.height() - 1 - x) + y * 3, 3, next.row(y) + x * 3);
        }
        current = std::move(next);
    }
    return current;
}

}  // namespace yolovino::test

/// Skips a test that encodes videos where the program is absent.
#define YOLOVINO_NEEDS_FFMPEG() \
    if (!::yolovino::test::has_ffmpeg()) GTEST_SKIP() << "the ffmpeg program is not found; tools/setup.sh installs it"
