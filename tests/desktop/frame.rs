//! The windows on the display as the desktop sees them: titles, icons, who has the keyboard, and a click on the cross.

use x11rb::{
    connection::Connection as _,
    protocol::{
        xproto::{
            Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, GrabMode, InputFocus,
            KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, ModMask, Window, WindowClass,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use crate::page::until;

/// A connection to the display, beside the window's own.
pub(crate) struct Desktop {
    display: RustConnection,
    root: Window,
    /// Another program's window, in a corner. The root does not do in its place: what has the pointer in it still hears
    /// the keyboard then.
    elsewhere: Window,
}

/// Codes of keys on the display's keyboard (evdev).
pub(crate) const ESCAPE: u8 = 9;
pub(crate) const ENTER: u8 = 36;
pub(crate) const LEFT: u8 = 113;
pub(crate) const CONTROL: u8 = 37;
pub(crate) const ALT: u8 = 64;
pub(crate) const K: u8 = 45;
pub(crate) const J: u8 = 44;

impl Desktop {
    pub(crate) fn look_at(display: &str) -> Self {
        let (display, screen) = x11rb::connect(Some(display)).unwrap();
        let root = display.setup().roots[screen].root;
        let elsewhere = display.generate_id().unwrap();
        let (class, unmanaged) = (WindowClass::INPUT_ONLY, CreateWindowAux::new().override_redirect(1));
        display.create_window(0, elsewhere, root, 0, 0, 1, 1, 0, class, x11rb::COPY_FROM_PARENT, &unmanaged).unwrap();
        display.map_window(elsewhere).unwrap();
        Self { display, root, elsewhere }
    }

    fn atom(&self, name: &str) -> Atom {
        self.display.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    fn property(&self, window: Window, name: &str) -> Vec<u8> {
        let (name, any) = (self.atom(name), AtomEnum::ANY);
        let answer = self.display.get_property(false, window, name, any, 0, u32::MAX / 4).unwrap().reply();
        answer.map_or_else(|_| Vec::new(), |answer| answer.value)
    }

    /// Every window that is shown and has a title, with it.
    pub(crate) fn titles(&self) -> Vec<(Window, String)> {
        let windows = self.display.query_tree(self.root).unwrap().reply().unwrap().children;
        let shown = windows.into_iter().filter(|window| {
            let attributes = self.display.get_window_attributes(*window).unwrap().reply();
            attributes.is_ok_and(|attributes| attributes.map_state == MapState::VIEWABLE)
        });
        let titled = shown
            .map(|window| (window, String::from_utf8_lossy(&self.property(window, "_NET_WM_NAME")).into_owned()));
        titled.filter(|(_, title)| !title.is_empty()).collect()
    }

    /// The window that is called so, once it is.
    pub(crate) async fn window(&self, title: &str) -> Window {
        let mut found = None;
        until(&format!("a window is called {title:?}"), async || {
            found = self.titles().into_iter().find(|(_, one)| one == title).map(|(window, _)| window);
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    pub(crate) fn icon(&self, window: Window) -> Vec<u8> {
        self.property(window, "_NET_WM_ICON")
    }

    /// Gives a window the keyboard, as a desktop does with the one that is in front.
    pub(crate) fn bring_to_front(&self, window: Window) {
        self.display.set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME).unwrap();
        self.display.sync();
    }

    /// Somebody works elsewhere.
    pub(crate) fn look_elsewhere(&self) {
        self.bring_to_front(self.elsewhere);
    }

    /// Whether the window, or something in it, has the keyboard.
    pub(crate) fn is_in_front(&self, window: Window) -> bool {
        let mut at = self.display.get_input_focus().unwrap().reply().unwrap().focus;
        while at > 1 && at != self.root {
            if at == window {
                return true;
            }
            let Ok(tree) = self.display.query_tree(at).unwrap().reply() else { return false };
            at = tree.parent;
        }
        false
    }

    /// Asks it to close, as the cross of its frame does.
    pub(crate) fn click_on_the_cross(&self, window: Window) {
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let event = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.display.send_event(false, window, EventMask::NO_EVENT, event).unwrap();
        self.display.sync();
    }

    /// Presses a key, as a hand does.
    pub(crate) fn press(&self, key: u8) {
        self.chord(&[key]);
    }

    /// Presses keys together, as a hand does: the last one while the others are held.
    pub(crate) fn chord(&self, keys: &[u8]) {
        let pressed = keys.iter().map(|key| (KEY_PRESS_EVENT, *key));
        for (kind, key) in pressed.chain(keys.iter().rev().map(|key| (KEY_RELEASE_EVENT, *key))) {
            self.display.xtest_fake_input(kind, key, x11rb::CURRENT_TIME, self.root, 0, 0, 0).unwrap();
        }
        self.display.sync();
    }

    /// Takes Ctrl+Alt and a key for itself, as another program does, for as long as this is there. Whether nobody else has them.
    pub(crate) fn grab(&self, key: u8) -> bool {
        let held = ModMask::CONTROL | ModMask::M1;
        let grabbed = self.display.grab_key(false, self.root, held, key, GrabMode::ASYNC, GrabMode::ASYNC).unwrap();
        grabbed.check().is_ok()
    }
}

/// Waits until the display has done what was asked.
trait Sync {
    fn sync(&self);
}

impl Sync for RustConnection {
    fn sync(&self) {
        self.get_input_focus().unwrap().reply().unwrap();
    }
}
