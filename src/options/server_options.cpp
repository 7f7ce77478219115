#include "options/server_options.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "options/binding.hpp"

namespace yolovino::options {

namespace {

/// The server takes these options of predict as defaults of its requests; they stand in the same place.
void add_serve_bindings(std::vector<Option>& table) {
    static const std::vector<std::string> kTaken = {
        "imgsz",     "half",      "int8",      "quantize",     "conf",         "iou",        "nms",
        "end2end",   "classes",   "max_det",   "agnostic_nms", "augment",      "rect",       "runtime",
        "device",    "precision", "threads",   "performance",  "pinning",      "streams",    "watchdog",
        "cache_dir", "ov.config", "show_conf", "show_labels",  "retina_masks", "show_boxes", "line_width"};
    for (Option& option : table) {
        const Binding* predict = option.binding(Mode::Predict);
        if (predict == nullptr || std::ranges::find(kTaken, option.key) == kTaken.end()) continue;
        Binding serve = *predict;
        serve.mode = Mode::Serve;
        option.bindings.push_back(std::move(serve));
    }
}

}  // namespace

void add_server_options(std::vector<Option>& table) {
    add_serve_bindings(table);
    table.push_back({.key = "host",
                     .help = "address to listen on; 127.0.0.1: for this machine alone; 0.0.0.0: for all",
                     .bindings = {at(&ServeArgs::host)}});
    table.push_back({.key = "port",
                     .help = "port to listen on; 0: a free one, which is printed",
                     .range = {.lowest = 0, .highest = 65535},
                     .bindings = {at(&ServeArgs::port)}});
    table.push_back({.key = "max_body",
                     .help = "largest body of a request in MB, also after it was unpacked",
                     .range = {.lowest = 0.001, .highest = 1024},
                     .bindings = {at(&ServeArgs::max_body)}});
    table.push_back({.key = "queue",
                     .help = "requests that may wait for the network; further ones are answered by 503",
                     .range = {.lowest = 1, .highest = 100000},
                     .bindings = {at(&ServeArgs::queue)}});
    table.push_back({.key = "timeout",
                     .help = "seconds that a request may wait for the network; then it is answered by 503",
                     .range = {.lowest = 0.01, .highest = 3600},
                     .bindings = {at(&ServeArgs::timeout)}});
    table.push_back({.key = "connections",
                     .help = "connections at once",
                     .range = {.lowest = 1, .highest = 65536},
                     .bindings = {at(&ServeArgs::connections)}});
    table.push_back({.key = "per_address",
                     .help = "connections at once from one address",
                     .range = {.lowest = 1, .highest = 65536},
                     .bindings = {at(&ServeArgs::per_address)}});
    table.push_back({.key = "cert",
                     .help = "PEM file with the certificate, and those that it rests on: https instead of http",
                     .bindings = {at(&ServeArgs::cert)}});
    table.push_back({.key = "key",
                     .help = "PEM file with the private key of cert; None: it is in the same file",
                     .bindings = {at(&ServeArgs::key)}});
    table.push_back({.key = "token",
                     .help = "file whose text requests must give as Authorization: Bearer TEXT; None: none is wanted",
                     .bindings = {at(&ServeArgs::token)}});
    table.push_back({.key = "access_log",
                     .help = "file to which one JSON line for each request is added; -: standard output; None: none",
                     .bindings = {at(&ServeArgs::access_log)}});
    table.push_back({.key = "live",
                     .help = "NAME=SOURCE of cameras and videos to watch at /streams/NAME.mjpg; several with commas",
                     .bindings = {at(&ServeArgs::live)}});
    table.push_back({.key = "drain",
                     .help = "seconds after a signal to end in which the server is not ready but still answers",
                     .range = {.lowest = 0, .highest = 3600},
                     .bindings = {at(&ServeArgs::drain)}});
    table.push_back({.key = "model_control",
                     .help = "let requests load and unload models",
                     .bindings = {at(&ServeArgs::model_control)}});
    table.push_back({.key = "probe",
                     .help = "ask the server at host and port whether it is ready: status 0 or 1",
                     .bindings = {at(&ServeArgs::probe)}});
}

}  // namespace yolovino::options
