#pragma once

/// Marks a class that is declared within an exported one, where it is defined: its symbols stay inside the library.
#define YOLOVINO_HIDDEN __attribute__((visibility("hidden")))
