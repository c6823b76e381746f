//! The files of the project, as the tests of this family see them.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

/// The top level of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Every file below `folder` with one of `endings`, its path from the top level and its text, in order. Leaves out what
/// is built or installed.
pub(crate) fn texts(folder: &str, endings: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let walk = WalkDir::new(root.join(folder)).sort_by_file_name().into_iter().filter_entry(|entry| {
        !["node_modules", "dist", "target", "gen"].contains(&&*entry.file_name().to_string_lossy())
    });
    for entry in walk {
        let entry = entry.unwrap();
        let path = entry.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        if entry.file_type().is_file() && endings.contains(&&*ending) {
            let relative = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            found.push((relative, std::fs::read_to_string(path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "no {endings:?} below {folder}: the test looks in the wrong place");
    found
}
