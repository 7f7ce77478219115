#pragma once

// What most tests include, compiled once.
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sstream>

#include "precompiled.hpp"
