//! The icon in the tray, by the StatusNotifierItem specification (freedesktop.org): what the program does while nobody looks
//! at its window, and the way back to it. Where nobody shows a tray the window stays the only way in.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use api::{App, Lamp, Tray};
use ksni::{
    Icon, MenuItem, OfflineReason, Status, ToolTip,
    blocking::{Handle, TrayMethods as _},
    menu::StandardItem,
};
use tauri::{AppHandle, Runtime};

use super::{closing, icon, window};

/// Somebody shows the icon: what is closed now can be found again.
static SHOWN: AtomicBool = AtomicBool::new(false);

/// Whether there is a tray that shows the icon.
pub(super) fn is_shown() -> bool {
    SHOWN.load(Ordering::SeqCst)
}

/// The icon as long as it lives.
pub(super) struct Placed<R: Runtime>(Handle<Item<R>>);

impl<R: Runtime> Placed<R> {
    /// Places it; none where there is no session's bus. Whoever shows trays may come later.
    pub(super) fn place(handle: &AppHandle<R>, app: &Arc<App>, tray: Tray) -> Option<Self> {
        let item = Item { handle: handle.clone(), app: Arc::clone(app), tray };
        // Unset at once where nobody is there.
        SHOWN.store(true, Ordering::SeqCst);
        match item.assume_sni_available(true).spawn() {
            Ok(placed) => Some(Self(placed)),
            Err(error) => {
                SHOWN.store(false, Ordering::SeqCst);
                tracing::info!(%error, "there is no tray");
                None
            }
        }
    }

    /// Shows something else.
    pub(super) fn show(&self, tray: &Tray) {
        if self.0.update(|item| item.tray = tray.clone()).is_none() {
            tracing::debug!("the tray is gone");
        }
    }
}

struct Item<R: Runtime> {
    handle: AppHandle<R>,
    app: Arc<App>,
    tray: Tray,
}

impl<R: Runtime> Item<R> {
    fn line(label: String, does: impl Fn(&mut Self) + Send + 'static) -> MenuItem<Self> {
        StandardItem { label: label.replace('_', "__"), activate: Box::new(does), ..StandardItem::default() }.into()
    }

    /// What is said and leads nowhere.
    fn says(label: String) -> MenuItem<Self> {
        StandardItem { label: label.replace('_', "__"), enabled: false, ..StandardItem::default() }.into()
    }

    fn open(&self) {
        window::to_front(&self.handle, None);
    }
}

impl<R: Runtime> ksni::Tray for Item<R> {
    fn id(&self) -> String {
        "allgood-desktop".to_owned()
    }

    fn title(&self) -> String {
        "Allgood".to_owned()
    }

    fn status(&self) -> Status {
        match self.tray.lamp {
            Lamp::Calm | Lamp::Running => Status::Active,
            Lamp::Waiting | Lamp::Failed => Status::NeedsAttention,
        }
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        let plain = self.handle.default_window_icon();
        plain.map(|plain| argb(&icon::with_lamp(plain, self.tray.lamp))).into_iter().flatten().collect()
    }

    fn attention_icon_pixmap(&self) -> Vec<Icon> {
        self.icon_pixmap()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip { title: "Allgood".to_owned(), description: self.tray.tip.clone(), ..ToolTip::default() }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.open();
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let mut menu = vec![
            Self::line("Open Allgood".to_owned(), |item| item.open()),
            Self::line("Find or do…".to_owned(), |item| {
                item.open();
                item.app.find();
            }),
            MenuItem::Separator,
        ];
        for one in &self.tray.runs {
            let run = one.run.clone();
            menu.push(Self::line(one.text.clone(), move |item| {
                item.open();
                item.app.show_run(&run);
            }));
        }
        match (self.tray.runs.is_empty(), self.tray.more) {
            (true, _) => menu.push(Self::says(self.tray.tip.clone())),
            (false, 0) => {}
            (false, more) => menu.push(Self::says(format!("and {more} more"))),
        }
        if let Some(next) = &self.tray.next {
            menu.push(MenuItem::Separator);
            menu.push(Self::line(format!("Next: {next}"), |item| {
                item.open();
                item.app.show_schedules();
            }));
        }
        menu.push(MenuItem::Separator);
        menu.push(Self::line("Quit Allgood".to_owned(), |item| closing::quit(&item.handle, &item.app)));
        menu
    }

    fn watcher_online(&self) {
        SHOWN.store(true, Ordering::SeqCst);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "nobody shows the tray");
        SHOWN.store(false, Ordering::SeqCst);
        // Nothing else would lead back to a window that is closed.
        window::back_if_hidden(&self.handle);
        true
    }
}

/// The pixels in the order of the specification; none of a picture that is too large for it.
fn argb(image: &tauri::image::Image<'_>) -> Option<Icon> {
    let (width, height) = (i32::try_from(image.width()).ok()?, i32::try_from(image.height()).ok()?);
    let mut data = image.rgba().to_vec();
    for pixel in data.as_chunks_mut::<4>().0 {
        pixel.rotate_right(1);
    }
    Some(Icon { width, height, data })
}
