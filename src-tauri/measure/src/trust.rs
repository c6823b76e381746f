//! Certificates that a block names by `ca`.

use std::path::Path;

use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// The certificates of a file in PEM.
///
/// # Errors
/// One sentence: it cannot be read, or holds none.
pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |why: &str| format!("the certificates of `ca`, {}, cannot be read: {why}", file.display());
    let found = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = found.map_err(|error| match error {
        rustls::pki_types::pem::Error::Io(error) => wrong(&error.to_string()),
        other => wrong(&other.to_string()),
    })?;
    if found.is_empty() {
        return Err(wrong("it holds no certificate in PEM"));
    }
    Ok(found)
}
