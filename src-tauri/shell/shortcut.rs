//! Keys that call the palette from wherever a person is: held by the display, on X11 as on macOS and Windows. On Wayland a
//! program gets no keys of others, and the desktop starts `allgood-desktop --find` at them instead.

use std::sync::Arc;

use api::{App, ShortcutSink};
use tauri::{AppHandle, Runtime};
use tauri_plugin_global_shortcut::{Builder, GlobalShortcutExt as _, Modifiers, Shortcut, ShortcutState};

use super::window;

/// The argument that opens the palette, of this process or of the window that is open already.
pub(super) const FIND: &str = "--find";

struct Keys<R: Runtime> {
    handle: AppHandle<R>,
    app: Arc<App>,
    held: Option<Shortcut>,
}

impl<R: Runtime> ShortcutSink for Keys<R> {
    fn hold(&mut self, keys: Option<&str>) -> Result<(), String> {
        let wanted = keys.map(read).transpose()?;
        if wanted == self.held {
            return Ok(());
        }
        let shortcuts = self.handle.global_shortcut();
        if let (Some(wanted), Some(keys)) = (wanted, keys) {
            let app = Arc::clone(&self.app);
            let pressed =
                move |handle: &AppHandle<R>, _: &Shortcut, event: tauri_plugin_global_shortcut::ShortcutEvent| {
                    if event.state == ShortcutState::Pressed {
                        window::to_front(handle, None);
                        app.find();
                    }
                };
            shortcuts.on_shortcut(wanted, pressed).map_err(|error| {
                tracing::info!(%error, keys, "the keys are not held");
                format!("{keys} cannot be had: another program holds it, or the keyboard lacks a key of it. Choose another.")
            })?;
        }
        if let Some(before) = self.held.take() {
            // On X11 the library sends that it lets go of a key only with its next question to the display: letting go once more asks one.
            for gone in [shortcuts.unregister(before), shortcuts.unregister(before)] {
                if let Err(error) = gone {
                    tracing::warn!(%error, "the keys before may still be held");
                }
            }
        }
        self.held = wanted;
        Ok(())
    }
}

/// Keys as they are written. One key alone would be taken from every program that is typed into.
fn read(keys: &str) -> Result<Shortcut, String> {
    let wanted: Shortcut = keys.parse().map_err(|_| {
        format!(
            "\"{keys}\" names no keys: write them as in Ctrl+Alt+Space, one key with Ctrl, Alt or Super before it."
        )
    })?;
    if wanted.mods.intersects(Modifiers::CONTROL | Modifiers::ALT | Modifiers::SUPER) {
        Ok(wanted)
    } else {
        Err(format!("{keys} would be taken from every other program: press Ctrl, Alt or Super with it."))
    }
}

/// Holds the keys that were chosen, where the display lets a program.
pub(super) fn follow<R: Runtime>(handle: &AppHandle<R>, app: &Arc<App>) {
    let sink = if is_wayland() {
        Err(format!(
            "Under Wayland a program cannot hold keys of its own: bind some to `allgood-desktop {FIND}` in the settings of the desktop."
        ))
    } else {
        handle.plugin(Builder::new().build()).map_err(|error| format!("The display gives no keys: {error}.")).map(
            |()| {
                let keys = Keys { handle: handle.clone(), app: Arc::clone(app), held: None };
                Box::new(keys) as Box<dyn ShortcutSink>
            },
        )
    };
    app.hold_shortcut(sink);
}

fn is_wayland() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(target_os = "linux") && (set("WAYLAND_DISPLAY") || !set("DISPLAY"))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn keys_are_a_key_with_another_that_is_held() {
        for keys in ["Ctrl+Alt+Space", "Super+K", "Alt+F1", "Ctrl+Shift+7"] {
            assert!(read(keys).is_ok(), "{keys}");
        }
        for keys in ["", "K", "F5", "Shift+K", "Ctrl+Nonsense", "Ctrl", "javascript:alert(1)"] {
            assert!(read(keys).is_err(), "{keys}");
        }
    }
}
