"""The C interface of the library, `libyolovino_c.so.1`, through ctypes. Everything that knows of pointers is here."""
