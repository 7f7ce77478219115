//! Where `libyolovino_c.so` is: the folder in `YOLOVINO_LIB_DIR`, or where the linker looks.
fn main() {
    println!("cargo:rerun-if-env-changed=YOLOVINO_LIB_DIR");
    if let Ok(folder) = std::env::var("YOLOVINO_LIB_DIR") {
        println!("cargo:rustc-link-search=native={folder}");
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
        println!("cargo:rustc-link-arg=-Wl,-rpath-link,{folder}");
    }
    println!("cargo:rustc-link-lib=dylib=yolovino_c");
}
