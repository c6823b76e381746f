//! Another program on the same display, which looks at the clipboard or takes it.

use std::time::{Duration, Instant};

use x11rb::{
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{
            AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, SELECTION_NOTIFY_EVENT, SelectionNotifyEvent,
            WindowClass,
        },
    },
    rust_connection::RustConnection,
};

/// How long an answer may take before it is asked again.
const ANSWERED_WITHIN: Duration = Duration::from_secs(2);

/// Another program that looks at the clipboard, or takes it.
pub(crate) struct Other {
    connection: RustConnection,
    pub(crate) window: u32,
}

impl Other {
    pub(crate) fn on(display: &str) -> Self {
        let (connection, screen) = RustConnection::connect(Some(display)).unwrap();
        let window = connection.generate_id().unwrap();
        let root = connection.setup().roots[screen].root;
        let aux = CreateWindowAux::new();
        connection.create_window(0, window, root, 0, 0, 1, 1, 0, WindowClass::INPUT_ONLY, 0, &aux).unwrap();
        connection.flush().unwrap();
        Self { connection, window }
    }

    fn atom(&self, name: &str) -> u32 {
        self.connection.intern_atom(false, name.as_bytes()).unwrap().reply().unwrap().atom
    }

    /// What is on the clipboard in that form; `None` where there is nothing.
    pub(crate) fn reads(&self, form: &str) -> Option<String> {
        let (clipboard, form, property) = (self.atom("CLIPBOARD"), self.atom(form), self.atom("READ_HERE"));
        self.connection.convert_selection(self.window, clipboard, form, property, x11rb::CURRENT_TIME).unwrap();
        self.connection.flush().unwrap();
        let asked = Instant::now();
        // Whoever held it may have gone in the middle of the answer.
        while asked.elapsed() < ANSWERED_WITHIN {
            match self.connection.poll_for_event().unwrap() {
                Some(Event::SelectionNotify(answer)) if answer.property == x11rb::NONE => return None,
                Some(Event::SelectionNotify(_)) => {
                    let read = self.connection.get_property(true, self.window, property, AtomEnum::ANY, 0, 1 << 16);
                    return Some(String::from_utf8(read.unwrap().reply().unwrap().value).unwrap());
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        }
        None
    }

    pub(crate) fn takes_it(&self) {
        let clipboard = self.atom("CLIPBOARD");
        self.connection.set_selection_owner(self.window, clipboard, x11rb::CURRENT_TIME).unwrap();
        self.connection.flush().unwrap();
    }

    /// Answers whoever asked so far for what it holds that it has nothing for them.
    pub(crate) fn refuses(&self) {
        while let Some(event) = self.connection.poll_for_event().unwrap() {
            if let Event::SelectionRequest(asked) = event {
                let answer = SelectionNotifyEvent {
                    response_type: SELECTION_NOTIFY_EVENT,
                    sequence: 0,
                    time: asked.time,
                    requestor: asked.requestor,
                    selection: asked.selection,
                    target: asked.target,
                    property: x11rb::NONE,
                };
                self.connection.send_event(false, asked.requestor, EventMask::NO_EVENT, answer).unwrap();
                self.connection.flush().unwrap();
            }
        }
    }

    pub(crate) fn owner(&self) -> u32 {
        self.connection.get_selection_owner(self.atom("CLIPBOARD")).unwrap().reply().unwrap().owner
    }
}
