//! The report of a run: the record gathered from the store, and written down by the room `report`.

use std::{collections::BTreeMap, fs, io::Write as _, path::Path};

use engine::RunId;
use format::Runbook;
use report::{Fragment, Record, Report, Shape, Verification};

use crate::{
    ApiError, App, ErrorCode,
    commands::RunArgument,
    library_file,
    runs::new_file,
    views,
    wire::{
        ItemKind, ItemStatus, RecordEvidence, RecordFact, RecordIncident, RecordItem, RecordLeft, RecordMoment,
        RecordPhase, RecordStep, RecordTiming, RecordView, ReportFormat, WriteReport, WrittenReport,
    },
};

/// The code of a problem whose text looks like a secret.
const SECRET: &str = "secret-in-text";

/// Pieces of output, by item and attempt.
type Pieces = BTreeMap<(String, u64), Vec<Fragment>>;
/// When output was removed, by item and attempt.
type Removed = BTreeMap<(String, u64), String>;

impl App {
    /// Writes the report of a run, finished or not, to a new file, or answers its text.
    ///
    /// # Errors
    /// When there is no such run, its record cannot be read, or the file is there already or cannot be written.
    pub fn run_report(&self, request: WriteReport) -> Result<WrittenReport, ApiError> {
        let run = self.row(&request.run)?.start.id.0;
        let ending = match request.format {
            ReportFormat::Md => "md",
            ReportFormat::Html => "html",
            ReportFormat::Jsonl => "jsonl",
            ReportFormat::Junit => "xml",
        };
        let name = format!("run-{}.{ending}", run.get(..13).unwrap_or(&run));
        if let Some(path) = &request.path {
            // Said before anything is read, and once more when it is made: it may have come meanwhile.
            must_be_new(Path::new(path))?;
        }
        let text = match request.format {
            ReportFormat::Md => self.mask(&report::markdown(&self.report(&run)?)),
            ReportFormat::Html => self.mask(&report::html(&self.report(&run)?).map_err(unwritten)?),
            ReportFormat::Junit => self.mask(&report::junit(&self.report(&run)?).map_err(unwritten)?),
            ReportFormat::Jsonl => {
                let mut lines = Vec::new();
                self.journal_lines(&run, &mut lines)?;
                String::from_utf8_lossy(&lines).into_owned()
            }
        };
        let Some(path) = &request.path else { return Ok(WrittenReport { name, text: Some(text) }) };
        let path = Path::new(path);
        let mut file = new_file(path)?;
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()) {
            // Half a report would be taken for a whole one.
            let _ = fs::remove_file(path);
            let sentence = format!("{} could not be written: {error}.", path.display());
            return Err(ApiError::new(ErrorCode::File, sentence));
        }
        Ok(WrittenReport { name, text: None })
    }

    /// The record of a run, as the screen of its report shows it.
    ///
    /// # Errors
    /// When there is no such run, or its record cannot be read.
    pub fn run_record(&self, argument: RunArgument) -> Result<RecordView, ApiError> {
        let row = self.row(&argument.run)?;
        let id = &row.start.id;
        // Whether it holds is asked for beside this: it takes long for a long record, and a tick must not come before.
        let report = self.unverified(id, Verification { holds: true, ..Verification::default() })?;
        let known = self.store.run_state(id)?;
        let environment = match &known.environment {
            Some(name) => {
                let file = self.library_file_of(Path::new(&row.start.path))?;
                let found = file.environment(name).cloned();
                let chosen =
                    found.unwrap_or_else(|| format::Environment { name: name.clone(), ..Default::default() });
                Some(library_file::view(&chosen))
            }
            None => None,
        };
        let items = report.sections.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items);
        let items_ms = items.filter_map(|item| item.took_ms).sum();
        Ok(RecordView {
            run: report.run,
            title: report.title,
            runbook: row.start.path.clone(),
            mode: views::mode(row.start.mode),
            started_at: row.start.started_at.clone(),
            ended_at: row.ended_at.clone(),
            state: views::run_status(known.status),
            heading: report.verdict.heading,
            sentence: report.verdict.sentence,
            partial: report.verdict.partial,
            took_ms: report.verdict.took_ms,
            items_ms,
            environment,
            facts: report
                .facts
                .into_iter()
                .map(|fact| RecordFact { name: fact.name, value: fact.value, literal: fact.literal })
                .collect(),
            incident: report.incident.map(incident),
            phases: report.sections.into_iter().map(phase).collect(),
            parameters: report.parameters.into_iter().map(parameter).collect(),
            timeline: report.timeline.into_iter().map(moment).collect(),
            events: report.events,
            evidence: report
                .evidence
                .into_iter()
                .map(|one| RecordEvidence {
                    name: one.name,
                    item: one.item,
                    attempt: one.attempt,
                    bytes: one.bytes,
                    lines: one.lines,
                })
                .collect(),
            secrets: report.secrets,
            left: report
                .left
                .into_iter()
                .map(|left| RecordLeft {
                    label: left.label,
                    step: left.step,
                    state: item_status(left.shape),
                    reason: left.reason,
                })
                .collect(),
            usual: Some(self.usual_for(id)).filter(|usual| usual.runs > 0),
        })
    }

    /// What stands in every report of a run.
    fn report(&self, run: &str) -> Result<Report, ApiError> {
        let verdict = self.run_verify(RunArgument { run: run.to_owned() })?;
        let verification = Verification {
            holds: verdict.holds,
            events: verdict.events,
            last_hash: verdict.last_hash,
            sentence: verdict.sentence,
        };
        self.unverified(&RunId(verdict.run), verification)
    }

    /// The same with what is already known of whether the record holds.
    fn unverified(&self, id: &RunId, verification: Verification) -> Result<Report, ApiError> {
        let row = self.store.run(id)?;
        let bytes = self.store.revision(&row.start.revision)?;
        let path = Path::new(&row.start.path);
        let runbook = self.parse(&row.start.path, &bytes, path);
        let events = self.store.events(id)?.collect::<Result<Vec<_>, _>>()?;
        let (output, removed) = self.excerpts(id, &events)?;
        let hide = self.to_hide(&runbook, &bytes, path);
        Ok(Report::of(&Record { run: id.clone(), runbook, events, output, removed, verification, hide }))
    }

    /// The pieces of output that a report wants, and when others were removed.
    fn excerpts(&self, run: &RunId, events: &[engine::Event]) -> Result<(Pieces, Removed), ApiError> {
        let (mut output, mut removed) = (Pieces::new(), Removed::new());
        for wanted in report::excerpts(events) {
            let (mut offset, end) = (wanted.offset, wanted.offset.saturating_add(wanted.limit));
            let key = (wanted.item.clone(), wanted.attempt);
            while offset < end {
                let limit = usize::try_from(end - offset).unwrap_or(usize::MAX);
                let piece = self.store.output(run, &wanted.item, wanted.attempt, offset, limit)?;
                if let Some(at) = piece.removed {
                    removed.insert(key.clone(), at);
                }
                if piece.bytes.is_empty() || piece.offset >= end {
                    break;
                }
                offset = piece.offset + piece.bytes.len() as u64;
                output.entry(key.clone()).or_default().push(Fragment { offset: piece.offset, bytes: piece.bytes });
            }
        }
        Ok((output, removed))
    }

    /// What stands in the text of the runbook and must not stand in a report: what looks like a secret, and the values
    /// that the text gives secret parameters.
    fn to_hide(&self, runbook: &Runbook, bytes: &[u8], path: &Path) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        let problems = self.problems(runbook, bytes, path);
        let found = problems.iter().filter(|problem| problem.code == SECRET);
        let found = found.filter_map(|problem| text.get(problem.span.start..problem.span.end)).map(str::to_owned);
        let secret = runbook.settings.params.iter().filter(|param| param.secret);
        found.chain(secret.filter_map(|param| param.default.clone())).collect()
    }
}

/// Refuses a path at which something is: a report is never written over anything.
pub(crate) fn must_be_new(path: &Path) -> Result<(), ApiError> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(_) => Err(ApiError::new(
            ErrorCode::File,
            format!("{} is there already, and nothing is written over it: choose another name.", path.display()),
        )),
    }
}

fn unwritten(error: report::WriteError) -> ApiError {
    ApiError::new(ErrorCode::Internal, error.to_string())
}

fn incident(incident: report::Incident) -> RecordIncident {
    let times = incident.times.into_iter().map(|time| RecordTiming {
        name: time.name,
        took_ms: time.took_ms,
        text: time.text,
        at: time.at,
        by: time.by,
        remark: time.remark,
    });
    RecordIncident {
        name: incident.name,
        severity: incident.severity,
        changed: incident.changed,
        responders: incident.responders,
        times: times.collect(),
        updates: incident.updates,
    }
}

fn phase(section: report::Section) -> RecordPhase {
    let steps = section.steps.into_iter().map(|step| RecordStep {
        number: step.number,
        title: step.title,
        titled: step.titled,
        state: item_status(step.shape),
        who: step.who,
        took_ms: step.took_ms,
        result: step.result,
        items: step.items.into_iter().map(item).collect(),
    });
    RecordPhase { phase: section.phase, heading: section.heading, steps: steps.collect() }
}

fn item(item: report::Item) -> RecordItem {
    RecordItem {
        item: item.id,
        kind: match item.kind {
            report::Kind::Check => ItemKind::Check,
            report::Kind::Probe => ItemKind::Probe,
            report::Kind::Command => ItemKind::Command,
            report::Kind::Undo => ItemKind::Undo,
            report::Kind::Message => ItemKind::Message,
        },
        label: item.label,
        state: item_status(item.shape),
        who: item.who,
        took_ms: item.took_ms,
        result: item.result,
        attempts: item.attempts.len() as u64,
    }
}

fn moment(moment: report::Moment) -> RecordMoment {
    RecordMoment {
        seq: moment.seq,
        at: moment.at,
        actor: moment.actor,
        kind: moment.kind.to_owned(),
        shape: moment.shape.name().to_owned(),
        item: moment.item,
        text: moment.text,
        detail: moment.detail,
        notable: moment.notable,
    }
}

fn parameter(parameter: report::Parameter) -> RecordFact {
    RecordFact {
        name: parameter.name,
        literal: parameter.value.is_some(),
        value: parameter.value.unwrap_or_else(|| "kept out of every record".to_owned()),
    }
}

/// The state of an item or a step; the shapes of runs and moments never stand at one.
fn item_status(shape: Shape) -> ItemStatus {
    match shape {
        Shape::Ready => ItemStatus::Ready,
        Shape::Running => ItemStatus::Running,
        Shape::Waiting => ItemStatus::Waiting,
        Shape::Passed => ItemStatus::Passed,
        Shape::Failed => ItemStatus::Failed,
        Shape::Skipped => ItemStatus::Skipped,
        Shape::Overridden => ItemStatus::Overridden,
        Shape::Undone => ItemStatus::Undone,
        Shape::Interrupted => ItemStatus::Interrupted,
        _ => ItemStatus::Pending,
    }
}
