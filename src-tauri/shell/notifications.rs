//! The notifications of the window: where a click on one leads.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use api::{Notice, Notification, Telling};
use zbus::blocking::MessageIterator;

/// The specification's name for a click on the notification itself.
const CLICKED: &str = "default";

/// Where a click leads.
#[derive(Clone, Debug)]
pub(super) enum Leads {
    /// To a run.
    Run(String),
    /// To the schedules.
    Schedules,
}

/// Where a click leads, and the desktop's permission to come to the front, where it gives one.
pub(super) type Answered = Box<dyn Fn(&Leads, Option<String>) + Send>;

/// A connection to the desktop's notifications, which hears of clicks as long as it lives.
pub(super) struct Notifications {
    service: api::Notifications,
    shown: Shown,
}

/// Where each notification leads that was shown.
type Shown = Arc<Mutex<HashMap<u32, Leads>>>;

impl Notifications {
    /// Connects to the session's bus. `answered` is called from a thread of its own.
    ///
    /// # Errors
    /// When there is no bus, or nobody on it shows notifications.
    pub(super) fn connect(answered: Answered) -> zbus::Result<Self> {
        let service = api::Notifications::connect()?;
        let shown = Shown::default();
        let signals = service.signals()?;
        let leads = Arc::clone(&shown);
        std::thread::Builder::new()
            .name("notifications".to_owned())
            .spawn(move || hear(signals, &leads, &answered))
            .map_err(|error| zbus::Error::InputOutput(Arc::new(error)))?;
        Ok(Self { service, shown })
    }

    /// Shows it in place of the one of that number, 0 for none; its own number.
    ///
    /// # Errors
    /// When the desktop does not take it.
    pub(super) fn show(&self, notice: &Notice, before: u32) -> zbus::Result<u32> {
        let Notice { run, title, text, urgent } = notice;
        let actions = &[CLICKED, "Open the run"];
        let notification = Notification { title, text, urgent: *urgent, actions, before };
        self.leading(notification, Leads::Run(run.clone()))
    }

    /// Shows what is told of the program.
    ///
    /// # Errors
    /// As for `show`.
    pub(super) fn tell(&self, telling: &Telling) -> zbus::Result<u32> {
        let Telling { title, text, urgent, run } = telling;
        let (actions, leads) = match run {
            Some(run) => (&[CLICKED, "Open the run"], Leads::Run(run.clone())),
            None => (&[CLICKED, "Open the schedules"], Leads::Schedules),
        };
        self.leading(Notification { title, text, urgent: *urgent, actions, before: 0 }, leads)
    }

    fn leading(&self, notification: Notification<'_>, leads: Leads) -> zbus::Result<u32> {
        let id = self.service.show(notification)?;
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(id, leads);
        Ok(id)
    }

    /// Takes one back.
    ///
    /// # Errors
    /// When it is gone already, or the desktop does not answer.
    pub(super) fn take_back(&self, number: u32) -> zbus::Result<()> {
        self.service.take_back(number)
    }
}

/// Hears of clicks until the connection ends.
fn hear(signals: MessageIterator, shown: &Shown, answered: &Answered) {
    let mut tokens: HashMap<u32, String> = HashMap::new();
    for message in signals.flatten() {
        let header = message.header();
        let body = message.body();
        match header.member().map(|member| member.as_str()) {
            // Comes before the click, where the desktop guards who may come to the front.
            Some("ActivationToken") => {
                if let Ok((id, token)) = body.deserialize::<(u32, String)>() {
                    tokens.insert(id, token);
                }
            }
            Some("ActionInvoked") => {
                let Ok((id, action)) = body.deserialize::<(u32, String)>() else { continue };
                let leads = shown.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
                if let Some(leads) = leads.filter(|_| action == CLICKED) {
                    answered(&leads, tokens.remove(&id));
                }
            }
            Some("NotificationClosed") => {
                if let Ok((id, _reason)) = body.deserialize::<(u32, u32)>() {
                    shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                    tokens.remove(&id);
                }
            }
            _ => {}
        }
    }
}
