// A module as small as can be, of a version of its own.
extern "C" __attribute__((visibility("default"))) int yolovino_answer() {
    return 42;
}

#ifdef YOLOVINO_FIXTURE_VERSION
extern "C" __attribute__((visibility("default"))) const char* yolovino_module_version() {
    return YOLOVINO_FIXTURE_VERSION;
}
#endif
