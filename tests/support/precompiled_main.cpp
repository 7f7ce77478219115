// The program that carries the precompiled header of all tests; it does nothing.
int main() {}
