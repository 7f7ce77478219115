#pragma once

#include <array>

namespace yolovino::test {

/// The order in which Ultralytics 8.4.190 with NumPy 2.4.6 took coco128's images for val_checkpoint.json, by their
/// numbers. It sorts by height / width with NumPy's default sort, which leaves the order of equal ratios to the
/// instruction set; six images at the borders of batches get another canvas under another order.
inline constexpr std::array<int, 128> kRectOrder = {
    357, 472, 597, 338, 428, 431, 491, 488, 599, 109, 247, 359, 540, 34,  81,  71,  74,  25,  308, 584, 260, 629,
    544, 650, 315, 312, 471, 502, 326, 294, 94,  92,  486, 641, 149, 30,  201, 560, 625, 42,  136, 508, 194, 595,
    510, 520, 589, 192, 360, 349, 307, 332, 250, 208, 321, 257, 133, 89,  164, 196, 77,  110, 144, 9,   643, 626,
    612, 605, 569, 536, 531, 532, 443, 450, 382, 387, 438, 419, 397, 389, 127, 322, 542, 61,  328, 575, 143, 165,
    138, 395, 394, 490, 78,  309, 400, 581, 263, 73,  590, 564, 459, 86,  49,  36,  64,  623, 636, 620, 151, 142,
    368, 241, 446, 370, 384, 283, 529, 154, 72,  436, 634, 572, 474, 404, 562, 113, 514, 415,
};

}  // namespace yolovino::test
