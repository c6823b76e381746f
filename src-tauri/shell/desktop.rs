//! What the desktop shows of runs: the window's title and icon, the taskbar's bar, the tray, and notifications.

use std::{collections::HashMap, sync::Arc};

use api::{App, DesktopSink, Frame, Lamp, Notice, Telling, Tray};
use tauri::{
    AppHandle, Manager, Runtime, WebviewWindow,
    window::{ProgressBarState, ProgressBarStatus},
};

use super::{
    icon,
    notifications::{Leads, Notifications},
    tray::Placed,
    window,
};

/// The desktop around the one window.
pub(super) struct Desktop<R: Runtime> {
    handle: AppHandle<R>,
    app: Arc<App>,
    notifications: Option<Notifications>,
    /// The number of the notification of each run that calls.
    calling: HashMap<String, u32>,
    /// The icon in the tray; none before it was first to be shown, and none within where there is no bus for it.
    tray: Option<Option<Placed<R>>>,
}

impl<R: Runtime> Desktop<R> {
    pub(super) fn new(handle: AppHandle<R>, app: Arc<App>) -> Self {
        Self { handle, app, notifications: None, calling: HashMap::new(), tray: None }
    }

    fn window(&self) -> Option<WebviewWindow<R>> {
        self.handle.get_webview_window(window::LABEL)
    }

    /// The connection to the desktop's notifications. Made when it is first needed, and anew after it was lost.
    fn notifications(&mut self) -> zbus::Result<&Notifications> {
        if self.notifications.is_none() {
            let (handle, app) = (self.handle.clone(), Arc::clone(&self.app));
            let answered = move |leads: &Leads, token: Option<String>| {
                window::to_front(&handle, token);
                match leads {
                    Leads::Run(run) => app.show_run(run),
                    Leads::Schedules => app.show_schedules(),
                }
            };
            self.notifications = Some(Notifications::connect(Box::new(answered))?);
        }
        self.notifications.as_ref().ok_or(zbus::Error::InvalidReply)
    }

    fn call(&mut self, notice: &Notice) -> zbus::Result<()> {
        let before = self.calling.get(&notice.run).copied().unwrap_or_default();
        let number = self.notifications()?.show(notice, before)?;
        self.calling.insert(notice.run.clone(), number);
        Ok(())
    }
}

impl<R: Runtime> DesktopSink for Desktop<R> {
    fn notice(&mut self, notice: &Notice) {
        if let Err(error) = self.call(notice) {
            // No session bus, or nobody on it who shows notifications. The title and the icon say it all the same.
            tracing::info!(%error, run = notice.run, "no notification was shown");
            self.notifications = None;
            self.calling.clear();
        }
    }

    fn tell(&mut self, telling: &Telling) {
        if let Err(error) = self.notifications().and_then(|service| service.tell(telling)) {
            tracing::info!(%error, title = telling.title, "no notification was shown");
            self.notifications = None;
            self.calling.clear();
        }
    }

    fn tray(&mut self, tray: &Tray) {
        match &self.tray {
            Some(Some(placed)) => placed.show(tray),
            Some(None) => {}
            None => self.tray = Some(Placed::place(&self.handle, &self.app, tray.clone())),
        }
    }

    fn seen(&mut self) {
        let Some(notifications) = &self.notifications else { return };
        for (run, number) in self.calling.drain() {
            if let Err(error) = notifications.take_back(number) {
                tracing::debug!(%error, run, "the notification is gone already");
            }
        }
    }

    fn frame(&mut self, frame: &Frame) {
        let Some(window) = self.window() else { return };
        let (status, progress) = match (frame.lamp, frame.percent) {
            (Lamp::Calm, _) | (_, None) => (ProgressBarStatus::None, None),
            (Lamp::Failed, percent) => (ProgressBarStatus::Error, percent),
            (Lamp::Waiting, percent) => (ProgressBarStatus::Paused, percent),
            (Lamp::Running, percent) => (ProgressBarStatus::Normal, percent),
        };
        let bar = ProgressBarState { status: Some(status), progress: progress.map(u64::from) };
        let icon = window.app_handle().default_window_icon().map(|plain| icon::with_lamp(plain, frame.lamp));
        let icon = icon.map_or(Ok(()), |icon| window.set_icon(icon));
        for shown in [window.set_title(&frame.title), icon, window.set_progress_bar(bar)] {
            if let Err(error) = shown {
                tracing::warn!(%error, title = frame.title, "the window's frame does not show it");
            }
        }
    }
}

/// Tells the desktop of runs from now on.
///
/// # Errors
/// When no thread can be started.
pub(super) fn follow<R: Runtime>(handle: &AppHandle<R>, app: &Arc<App>) -> Result<(), api::ApiError> {
    app.show_on_desktop(Box::new(Desktop::new(handle.clone(), Arc::clone(app))))
}
