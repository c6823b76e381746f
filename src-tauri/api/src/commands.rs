//! The one list of what can be asked. The window's router, its permissions and its TypeScript types come from it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::wire::RunAction;

/// Calls `$macro! { name: Arguments => Result, ... }` with every command.
#[macro_export]
macro_rules! commands {
    ($macro:ident) => {
        $macro! {
            app_state: Nothing => AppState,
            schedule_list: Nothing => ScheduleList,
            schedule_preview: PreviewSchedule => ScheduleTimes,
            schedule_add: NewSchedule => ScheduleView,
            schedule_edit: EditSchedule => ScheduleView,
            schedule_remove: ScheduleArgument => (),
            schedule_start: ScheduleArgument => RunSummary,
            library_folders: Nothing => Vec<LibraryFolder>,
            library_add: PathArgument => LibraryFolder,
            library_remove: IdArgument => (),
            library_survey: IdArgument => Survey,
            library_trust: IdArgument => LibraryFolder,
            library_rescan: Nothing => Vec<LibraryFolder>,
            examples_add: Nothing => LibraryFolder,
            library_clone: CloneLibrary => LibraryFolder,
            team_state: IdArgument => TeamState,
            team_fetch: IdArgument => TeamState,
            team_compare: TeamCompare => Comparison,
            team_suggest: TeamFiles => TeamSuggestion,
            team_commit: TeamCommit => TeamCommitted,
            team_pull: TeamPull => TeamPullDone,
            team_push: IdArgument => TeamPushed,
            team_stop: Nothing => (),
            team_records_choose: ChooseRecords => TeamRecords,
            team_share: ShareRuns => RunsShared,
            runbook: PathArgument => RunbookView,
            library_list: ListQuery => ListPage,
            drafts: Nothing => Vec<DraftRow>,
            pin: PinArgument => (),
            runbook_move_plan: MoveArgument => MovePlan,
            runbook_move: MoveArgument => MovePlan,
            runbook_bin: PathArgument => (),
            runbook_unbin: PathArgument => (),
            folder_create: FolderArgument => (),
            import_plan: ImportArgument => ImportPlan,
            import: ImportArgument => Imported,
            import_stop: Nothing => (),
            convert: ConvertArgument => Converted,
            news_unwatch: WatchArgument => (),
            source: PathArgument => SourceView,
            draft_keep: KeepDraft => (),
            draft_drop: PathArgument => (),
            set_aside: KeepDraft => (),
            look: LookAt => Looked,
            save: SaveText => Saved,
            history: HistoryQuery => HistoryPage,
            compare: CompareTexts => Comparison,
            git_state: PathArgument => Option<GitState>,
            git_commit: GitCommit => GitState,
            try_block: TryBlock => RunView,
            image_keep: KeepImage => KeptImage,
            image_read: ReadImage => ImageData,
            vocabulary: PathArgument => Vocabulary,
            templates: Nothing => Vec<TemplateView>,
            make_text: MakeText => MadeText,
            runbook_new: NewRunbook => String,
            run_prepare: PrepareRun => RunPreparation,
            run_start: StartRun => RunView,
            run_resume: ResumeRun => RunView,
            run_rollback: RollbackRun => RunView,
            run_open_linked: OpenLinked => RunView,
            run_hand_over: HandOverRun => RunSummary,
            run_handed_file: RunArgument => Option<HandedFile>,
            run_take: TakeRun => TakenRun,
            run_take_look: TakeRun => RunFileView,
            run_take_runbook: SaveRunbook => (),
            run_mark: MarkRun => RunView,
            run_update: SendUpdate => RunView,
            run_view: RunArgument => RunView,
            run_do: RunDo => (),
            run_unwatch: WatchArgument => (),
            run_acknowledge: Acknowledge => (),
            runs: RunFilter => RunPage,
            run_facets: Nothing => RunFacets,
            output_space: SpaceQuery => OutputSpace,
            run_verify: RunArgument => Verdict,
            run_proposals: RunArgument => RunProposals,
            run_compare: CompareRuns => RunComparison,
            run_export: ExportArgument => (),
            run_report: WriteReport => WrittenReport,
            run_record: RunArgument => RecordView,
            link_open: LinkArgument => (),
            link_follow: FollowLink => String,
            outside_next: Nothing => Option<OutsideView>,
            access_list: AccessQuery => AccessList,
            access_view: AccessArgument => AccessView,
            access_new: AddAccess => KeptAccess,
            access_edit: EditAccess => AccessView,
            access_remove: AccessArgument => (),
            access_secret_set: SetSecret => KeptAccess,
            access_secret_forget: AccessField => AccessView,
            access_secret_reveal: AccessField => RevealedSecret,
            access_secret_copy: AccessField => CopiedSecret,
            access_copied_clear: Nothing => (),
            access_code_show: AccessArgument => ShownCode,
            access_code_copy: AccessArgument => CopiedSecret,
            access_open: AccessArgument => String,
            terminal_input: TerminalKeys => (),
            terminal_resize: TerminalSize => (),
            terminal_taken: TerminalTaken => (),
            terminal_close: TerminalArgument => (),
            access_allow: GrantAccess => String,
            access_bring_look: BringAccess => BringPlan,
            access_bring: BringAccess => u64,
            access_write: PathArgument => (),
            access_keeper: Nothing => KeeperView,
            access_unlock: Nothing => KeeperView,
            access_vault_create: VaultPassphrase => KeeperView,
            access_vault_unlock: VaultPassphrase => KeeperView,
            access_vault_passphrase: VaultPassphrase => KeeperView,
            access_vault_lock: Nothing => KeeperView,
            access_secrets_move: MoveSecrets => KeeperView,
            link_list: LinksQuery => LinksList,
            link_add: NewLink => SavedLink,
            link_edit: EditLink => SavedLink,
            link_remove: SavedLinkArgument => (),
            link_restore: SavedLinkArgument => SavedLink,
            links_open: OpenLinks => Vec<OpenedLink>,
            links_check: OpenLinks => Vec<LinkAnswer>,
            links_import_plan: ImportLinks => LinksPlan,
            links_import: ImportLinks => u64,
            links_export: ExportLinks => u64,
            runbook_link_open: OpenRunbookLink => OpenedLink,
            palette_search: PaletteQuery => PaletteList,
            palette_chosen: PaletteChoice => (),
            palette_forget: Nothing => (),
            shortcut_read: Nothing => ShortcutView,
            find_next: Nothing => bool,
            settings_read: Nothing => Settings,
            settings_write: Settings => Settings,
        }
    };
}

/// No arguments.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct Nothing {}

/// An absolute path.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PathArgument {
    /// The path.
    pub path: String,
}

/// A library folder.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct IdArgument {
    /// Its id.
    pub id: i64,
}

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunArgument {
    /// Its id, or the beginning of one that no other run has.
    pub run: String,
}

/// Something done in a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct RunDo {
    /// Which run.
    pub run: String,
    /// What.
    pub action: RunAction,
}

/// A watch on a run.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WatchArgument {
    /// As `run_watch` named it.
    pub watch: u64,
}

/// Bytes of output that a watch has taken in.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct Acknowledge {
    /// Which watch.
    pub watch: u64,
    /// How many bytes of messages (headers included).
    pub bytes: u64,
}

/// Where to write the journal of a run, as JSON Lines.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct ExportArgument {
    /// Which run.
    pub run: String,
    /// The file; must not exist yet.
    pub path: String,
}

/// A link to open.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct LinkArgument {
    /// The run that it is opened from, which records it.
    pub run: Option<String>,
    /// The item that it stands at.
    pub item: Option<String>,
    /// The address.
    pub url: String,
}

/// Starts to watch a run: its updates and output come over a channel, JSON for [`crate::wire::RunUpdate`], bytes for
/// output. Not in the list above because it takes the channel.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WatchRun {
    /// Which run.
    pub run: String,
    /// Sends updates after this event: the `seq` of the view that the page has.
    pub after: u64,
}

/// Reads output that was kept. Not in the list above because it answers with bytes.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct OutputArgument {
    /// Which run.
    pub run: String,
    /// Which item.
    pub item: String,
    /// Which attempt.
    pub attempt: u64,
    /// From this byte of the attempt's output.
    pub offset: u64,
    /// At most this many bytes, 4 MiB at most.
    pub limit: u64,
}
