//! Adapters from what the page asks to the handlers of `api`, generated from its one list of commands. Tauri has
//! checked the permission of a command before it comes here.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
};

use api::{
    ApiError, App, ErrorCode, NewsSink, TerminalSink, WatchSink,
    commands::{
        Acknowledge, ExportArgument, IdArgument, LinkArgument, Nothing, OutputArgument, PathArgument, RunArgument,
        RunDo, WatchArgument, WatchRun,
    },
    wire::{
        AccessArgument, AccessField, AccessQuery, AddAccess, BringAccess, ChooseRecords, CloneLibrary, CompareRuns,
        CompareTexts, ConnectAccess, ConvertArgument, EditAccess, EditLink, EditSchedule, ExportLinks,
        FolderArgument, FollowLink, GitCommit, GrantAccess, HandOverRun, HistoryQuery, ImportArgument, ImportLinks,
        KeepDraft, KeepImage, LinksQuery, ListQuery, LookAt, MakeText, MarkRun, MoveArgument, MoveSecrets, NewLink,
        NewRunbook, NewSchedule, News, OpenLinked, OpenLinks, OpenRunbookLink, PaletteChoice, PaletteQuery,
        PinArgument, PrepareRun, PreviewSchedule, ReadImage, ResumeRun, RollbackRun, RunFilter, RunUpdate,
        SaveRunbook, SaveText, SavedLinkArgument, ScheduleArgument, SendUpdate, SetSecret, Settings, ShareRuns,
        SpaceQuery, StartRun, TakeRun, TeamCommit, TeamCompare, TeamFiles, TeamPull, TerminalArgument, TerminalEnd,
        TerminalKeys, TerminalSize, TerminalTaken, TryBlock, VaultPassphrase, WriteReport,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tauri::{
    Manager, Runtime, Webview, async_runtime,
    ipc::{Channel, Invoke, InvokeBody, InvokeResponseBody, JavaScriptChannelId},
};

/// What a command does, off the window's thread.
type Work = Box<dyn FnOnce(&Arc<App>) -> Result<InvokeResponseBody, ApiError> + Send>;
/// Work together with its answer.
type Errand = Box<dyn FnOnce() + Send>;

/// What is done in a run or a terminal keeps its order: keys typed one after the other must arrive so.
const IN_ORDER: [&str; 3] = ["run_do", "terminal_input", "terminal_resize"];

/// Answers every command of the page with the program's own handler.
///
/// # Errors
/// When no thread can be started.
pub(super) fn handler<R: Runtime>() -> std::io::Result<impl Fn(Invoke<R>) -> bool + Send + Sync + 'static> {
    let (in_order, errands) = mpsc::channel::<Errand>();
    std::thread::Builder::new()
        .name("actions".to_owned())
        .spawn(move || errands.into_iter().for_each(|errand| errand()))?;
    Ok(move |invoke: Invoke<R>| {
        let Invoke { message, resolver, .. } = invoke;
        let command = message.command().to_owned();
        let work = match work(&command, message.payload(), message.webview_ref()) {
            Ok(Some(work)) => work,
            Ok(None) => return false,
            Err(error) => {
                resolver.reject(error);
                return true;
            }
        };
        // The window opens after the program has; a page that asks is never earlier.
        let Some(app) = message.webview_ref().try_state::<Arc<App>>().map(|app| Arc::clone(&app)) else {
            return false;
        };
        let name = command.clone();
        let errand: Errand = Box::new(move || match done(&name, work, &app) {
            Ok(body) => resolver.resolve(body),
            Err(error) => resolver.reject(error),
        });
        if IN_ORDER.contains(&command.as_str()) {
            // The thread that takes errands lives as long as the sender.
            drop(in_order.send(errand));
        } else {
            drop(async_runtime::spawn_blocking(errand));
        }
        true
    })
}

/// Does it. A fault of Allgood's own becomes an answer too, so that the page never waits for ever.
fn done(command: &str, work: Work, app: &Arc<App>) -> Result<InvokeResponseBody, ApiError> {
    let result = catch_unwind(AssertUnwindSafe(|| work(app))).unwrap_or_else(|_| {
        let message = format!("Allgood itself failed at `{command}`. Its log says more.");
        Err(ApiError::new(ErrorCode::Internal, message))
    });
    let result = result.map_err(|error| ApiError { message: app.mask(&error.message), ..error });
    if let Err(error) = &result {
        tracing::info!(command, code = ?error.code, message = %error.message, "refused");
    }
    result
}

macro_rules! adapters {
    ($($name:ident: $arguments:ty => $result:ty),* $(,)?) => {
        /// The work of that command with these arguments; none if there is no such command.
        fn work<R: Runtime>(
            command: &str,
            body: &InvokeBody,
            page: &Webview<R>,
        ) -> Result<Option<Work>, ApiError> {
            let work: Work = match command {
                $(stringify!($name) => {
                    let arguments: $arguments = argument(body, "arguments")?;
                    Box::new(move |app| json(&app.$name(arguments)?))
                })*
                "run_watch" => {
                    let arguments: WatchRun = argument(body, "arguments")?;
                    let channel: JavaScriptChannelId = argument(body, "channel")?;
                    let sink = Box::new(Page(channel.channel_on(page.clone())));
                    Box::new(move |app| json(&app.run_watch(arguments, sink)?))
                }
                "news_watch" => {
                    let channel: JavaScriptChannelId = argument(body, "channel")?;
                    let sink = Box::new(Page(channel.channel_on(page.clone())));
                    Box::new(move |app| json(&app.news_watch(sink)?))
                }
                "access_connect" => {
                    let arguments: ConnectAccess = argument(body, "arguments")?;
                    let channel: JavaScriptChannelId = argument(body, "channel")?;
                    let sink = Box::new(Page(channel.channel_on(page.clone())));
                    Box::new(move |app| json(&app.access_connect(arguments, sink)?))
                }
                "output_read" => {
                    let arguments: OutputArgument = argument(body, "arguments")?;
                    Box::new(move |app| Ok(InvokeResponseBody::Raw(app.output_read(arguments)?)))
                }
                _ => return Ok(None),
            };
            Ok(Some(work))
        }
    };
}
api::commands!(adapters);

fn argument<T: DeserializeOwned>(body: &InvokeBody, name: &str) -> Result<T, ApiError> {
    let value = match body {
        InvokeBody::Json(value) => value.get(name).unwrap_or(&Value::Null),
        InvokeBody::Raw(_) => &Value::Null,
    };
    T::deserialize(value)
        .map_err(|error| ApiError::new(ErrorCode::BadInput, format!("`{name}` does not fit: {error}.")))
}

fn json<T: Serialize>(value: &T) -> Result<InvokeResponseBody, ApiError> {
    let text = serde_json::to_string(value).map_err(|error| ApiError::new(ErrorCode::Internal, error.to_string()))?;
    Ok(InvokeResponseBody::Json(text))
}

/// The page's end of a watch: updates as JSON, output as bytes.
struct Page(Channel<InvokeResponseBody>);

impl Page {
    fn send(&self, body: InvokeResponseBody) {
        if let Err(error) = self.0.send(body) {
            tracing::debug!(%error, "the page is gone");
        }
    }
}

impl WatchSink for Page {
    fn update(&self, update: &RunUpdate) {
        match json(update) {
            Ok(body) => self.send(body),
            Err(error) => tracing::error!(%error, "an update could not be written as JSON"),
        }
    }

    fn bytes(&self, message: Vec<u8>) {
        self.send(InvokeResponseBody::Raw(message));
    }
}

impl TerminalSink for Page {
    fn output(&mut self, bytes: Vec<u8>) {
        self.send(InvokeResponseBody::Raw(bytes));
    }

    fn ended(&mut self, end: &TerminalEnd) {
        match json(end) {
            Ok(body) => self.send(body),
            Err(error) => tracing::error!(%error, "the end of a connection could not be written as JSON"),
        }
    }
}

impl NewsSink for Page {
    fn news(&self, news: &News) {
        match json(news) {
            Ok(body) => self.send(body),
            Err(error) => tracing::error!(%error, "news could not be written as JSON"),
        }
    }
}
