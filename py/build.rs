//! Links the extension module: it shows its init function and nothing of the C ABI, and it is never unloaded, since
//! threads of the library may still run (`-z nodelete`).

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        for argument in ["-Wl,--exclude-libs,ALL", "-Wl,-z,nodelete"] {
            println!("cargo:rustc-cdylib-link-arg={argument}");
        }
    }
}
