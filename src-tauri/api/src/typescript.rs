//! The TypeScript of the wire, generated; a test fails when the committed file is stale.

#[cfg(test)]
mod tests {
    use std::{fmt::Write as _, path::Path};

    use ts_rs::{Config, TS};

    use crate::{commands::*, error::*, wire::*};

    fn declaration<T: TS>(config: &Config, text: &mut String) {
        let declaration = T::decl(config);
        writeln!(text, "export {declaration}\n").unwrap();
    }

    fn typescript() -> String {
        let config = Config::new().with_large_int("number");
        let mut text = String::from("// Generated from src-tauri/api by `make types`. Never edited.\n\n");
        macro_rules! declare {
            ($($type:ty),* $(,)?) => { $(declaration::<$type>(&config, &mut text);)* };
        }
        declare!(
            ErrorCode,
            Needs,
            Question,
            ApiError,
            AppState,
            LibraryFolder,
            Survey,
            Severity,
            Problem,
            RunbookRow,
            RunbookView,
            ParamView,
            SectionView,
            Phase,
            StepView,
            Part,
            ItemKind,
            ItemView,
            LinkView,
            RunSummary,
            Mode,
            RunStatus,
            ItemStatus,
            ItemProgress,
            AttemptView,
            AttemptState,
            Expected,
            TimelineEntry,
            RunView,
            RunUpdate,
            OutputHeader,
            PrepareRun,
            RunPreparation,
            RememberedValues,
            NeededAccess,
            NeededTool,
            AskedValue,
            AskedKind,
            StepWayBack,
            WayBack,
            StartRun,
            RunAction,
            Edited,
            ResumeRun,
            RollbackRun,
            OpenLinked,
            PartOf,
            LinkedRun,
            LinkedState,
            LinkedBookView,
            HandOverRun,
            TakeRun,
            TakenRun,
            HandedFile,
            RunFileView,
            KnownHere,
            RunFilePlace,
            SaveRunbook,
            Undoing,
            RollbackEntry,
            RollbackView,
            Marking,
            MarkRun,
            SendUpdate,
            MarkView,
            IncidentView,
            IncidentSeverity,
            ResponderView,
            MomentView,
            UpdatesView,
            UpdateTemplate,
            UpdateMinutes,
            RunFilter,
            RunPage,
            Verdict,
            Usual,
            UsualItem,
            TimeLeft,
            Outcomes,
            RunProposals,
            Proposal,
            ProposalKind,
            CompareRuns,
            RunComparison,
            ParameterDifference,
            ItemComparison,
            ItemSide,
            RunFacets,
            RunbookFacet,
            SpaceQuery,
            OutputSpace,
            ReportFormat,
            WriteReport,
            WrittenReport,
            RecordView,
            RecordFact,
            RecordIncident,
            RecordTiming,
            RecordPhase,
            RecordStep,
            RecordItem,
            RecordMoment,
            RecordEvidence,
            RecordLeft,
            SourceView,
            DraftView,
            DraftRow,
            KeepDraft,
            LookAt,
            Looked,
            ShownLines,
            TextProblem,
            FixView,
            TextEdit,
            OutlineEntry,
            ItemMark,
            VariableMark,
            GuidanceMark,
            EnvironmentView,
            SaveText,
            Saved,
            RevisionRow,
            HistoryQuery,
            HistoryPage,
            CompareTexts,
            Comparison,
            DiffLine,
            DiffKind,
            DiffPart,
            GitState,
            GitCommit,
            TryBlock,
            KeepImage,
            KeptImage,
            ReadImage,
            ImageData,
            Vocabulary,
            Word,
            Snippet,
            TemplateView,
            MakeFrom,
            MakeText,
            MadeText,
            NewRunbook,
            ListQuery,
            ListSort,
            ListPage,
            Facets,
            FacetValue,
            PinArgument,
            MoveArgument,
            MovePlan,
            FolderArgument,
            FollowLink,
            ImportArgument,
            ImportFrom,
            ImportPlan,
            Imported,
            News,
            OutsideAddress,
            OutsideView,
            OutsideRunbook,
            LeftOut,
            Theme,
            Settings,
            Nothing,
            PathArgument,
            IdArgument,
            RunArgument,
            RunDo,
            WatchArgument,
            Acknowledge,
            ExportArgument,
            LinkArgument,
            WatchRun,
            OutputArgument,
        );
        text.push_str("/** Every command: what it takes and what it gives. */\nexport type Commands = {\n");
        macro_rules! list {
            ($($name:ident: $arguments:ty => $result:ty),* $(,)?) => { $(
                writeln!(
                    text,
                    "  {}: {{ arguments: {}; result: {} }};",
                    stringify!($name),
                    <$arguments as TS>::name(&config),
                    <$result as TS>::name(&config)
                )
                .unwrap();
            )* };
        }
        crate::commands!(list);
        text.push_str("};\n");
        text
    }

    #[test]
    fn the_generated_typescript_is_not_stale() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/bindings/types.ts");
        let expected = typescript();
        if std::env::var_os("ALLGOOD_WRITE_TYPES").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &expected).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, expected, "ui/src/bindings/types.ts is stale: run `make types`");
    }
}
