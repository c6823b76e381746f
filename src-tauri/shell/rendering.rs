//! Chooses how WebKit paints, before anything of it starts.
//!
//! Without a graphics card its shared-memory path is several times faster than its DMA-BUF path (a key to its pixel:
//! 4 ms against 34), and needs a third less memory; on some drivers the DMA-BUF path shows blank windows.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

const SWITCH: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// A person's own word: `software` or `hardware`.
const CHOICE: &str = "ALLGOOD_RENDERING";

/// Whether the switch was set here.
static SET: AtomicBool = AtomicBool::new(false);

/// Sets WebKit's switch for this process and its children. Must be the first thing that `main` does.
pub(crate) fn choose() {
    if !cfg!(target_os = "linux") || std::env::var_os(SWITCH).is_some() {
        return;
    }
    let choice = std::env::var(CHOICE).ok();
    if in_software(choice.as_deref(), Path::new("/dev/dri")) {
        // SAFETY: `main` calls this before it has started a thread or called into a library, so nothing else reads or
        // writes the environment meanwhile.
        #[expect(unsafe_code, reason = "the one way to set a variable that WebKit reads in this process")]
        unsafe {
            std::env::set_var(SWITCH, "1");
        }
        SET.store(true, Ordering::Relaxed);
    }
}

/// Takes the switch out of what commands inherit, if it was set here: it is this window's business, not theirs.
pub(crate) fn take_back(environment: &mut BTreeMap<OsString, OsString>) {
    if SET.load(Ordering::Relaxed) {
        environment.remove(OsStr::new(SWITCH));
    }
}

fn in_software(choice: Option<&str>, devices: &Path) -> bool {
    match choice {
        Some("software") => true,
        Some("hardware") => false,
        _ => !has_render_node(devices),
    }
}

fn has_render_node(devices: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(devices) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_render_node_webkit_paints_in_software() {
        let devices = std::env::temp_dir().join(format!("allgood-dri-{}", std::process::id()));
        assert!(in_software(None, &devices), "there is no such folder");
        std::fs::create_dir(&devices).unwrap();
        std::fs::write(devices.join("card0"), "").unwrap();
        assert!(in_software(None, &devices), "a card that renders nothing");
        std::fs::write(devices.join("renderD128"), "").unwrap();
        assert!(!in_software(None, &devices));
        assert!(in_software(Some("software"), &devices), "a person's word counts more");
        std::fs::remove_dir_all(&devices).unwrap();
        assert!(!in_software(Some("hardware"), &devices));
    }
}
