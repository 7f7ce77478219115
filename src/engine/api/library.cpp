// The shared library needs a source of its own; everything else comes from the rooms.
#include "yolovino/yolovino.hpp"
