//! The shipped examples, inside the program.

use std::{fs, io, path::Path};

/// File name and text of each.
const EXAMPLES: [(&str, &str); 4] = [
    ("backup-sqlite.md", include_str!("../../../runbooks/backup-sqlite.md")),
    ("backup-verified.md", include_str!("../../../runbooks/backup-verified.md")),
    ("disk-almost-full.md", include_str!("../../../runbooks/disk-almost-full.md")),
    ("renew-certificate.md", include_str!("../../../runbooks/renew-certificate.md")),
];

/// Writes those that are not there yet.
pub(crate) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for (name, text) in EXAMPLES {
        let file = folder.join(name);
        if !file.exists() {
            fs::write(file, text)?;
        }
    }
    Ok(())
}
