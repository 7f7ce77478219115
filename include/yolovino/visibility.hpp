#pragma once

/// Marks a symbol as part of the library's interface; everything else stays hidden.
#define YOLOVINO_API __attribute__((visibility("default")))
