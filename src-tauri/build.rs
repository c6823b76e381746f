//! Embeds the interface and resolves the permissions of the window (`tauri.conf.json`, `src-tauri/permissions`).

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=ui/dist");
    if !Path::new("ui/dist/index.html").is_file() {
        println!("cargo:warning=ui/dist/index.html is missing: build the interface first (`make ui`)");
        std::process::exit(1);
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/*.toml");
    // The context is generated here, not by a macro in `main.rs`, so that a changed page is embedded anew.
    let attributes =
        tauri_build::Attributes::new().app_manifest(manifest).codegen(tauri_build::CodegenContext::new());
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
