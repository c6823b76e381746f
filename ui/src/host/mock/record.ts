// The stand-in's records: what the report of a pretended run would show.

import type {
  ItemProgress,
  RecordItem,
  RecordMoment,
  RecordPhase,
  RecordStep,
  RecordView,
  ReportFormat,
  RunView,
  TimelineEntry,
  WrittenReport,
} from "../../bindings/types";

const HEADINGS: { [state in string]: string } = {
  passed: "All good",
  failed: "Failed",
  rolled_back: "Rolled back",
  abandoned: "Given up",
  handed_over: "Handed over",
  paused: "Not finished: put aside",
  interrupted: "Not finished: interrupted",
};
const FINISHED: ReadonlySet<string> = new Set(["passed", "failed", "rolled_back", "abandoned", "handed_over"]);
const NOTABLE: { [kind in string]: string } = {
  run_started: "start",
  attempt_ended: "passed",
  check_ticked: "passed",
  check_failed: "failed",
  message_sent: "passed",
  skipped: "skipped",
  overridden: "overridden",
  note: "note",
  link_opened: "link",
  marked: "mark",
  rollback_started: "undone",
  undone: "undone",
  paused: "paused",
  interrupted: "interrupted",
  run_finished: "passed",
};

function duration(progress: ItemProgress | undefined): number | null {
  const took = progress?.attempts.reduce((sum, attempt) => sum + (attempt.duration_ms ?? 0), 0) ?? 0;
  return took > 0 ? took : null;
}

function result(progress: ItemProgress | undefined): string {
  const last = progress?.attempts.at(-1);
  if (!last) return progress?.remark ?? "";
  const exit = last.exit === null ? "" : `exit ${last.exit}`;
  return last.number > 1 ? `try ${last.number}, ${exit}` : exit;
}

function phases(view: RunView): RecordPhase[] {
  const progress = new Map(view.progress.map((one) => [one.item, one]));
  return view.runbook.sections
    .map((section) => {
      const steps = section.steps.map((step): RecordStep => {
        const items = step.items
          .map((id) => view.runbook.items[id])
          .filter((item) => item !== undefined)
          .filter((item) => item.on_path || progress.has(item.id))
          .map((item): RecordItem => {
            const done = progress.get(item.id);
            return {
              item: item.id,
              kind: item.kind,
              label: item.kind === "check" ? item.text : item.id,
              state: done?.status ?? "pending",
              who: !done ? [] : item.kind === "probe" ? ["sensed"] : [done.actor],
              took_ms: duration(done),
              result: result(done),
              attempts: done?.attempts.length ?? 0,
            };
          });
        const worst = items.find((item) => item.state === "failed") ?? items.at(-1);
        return {
          number: step.number,
          title: step.title,
          titled: step.number !== null || step.title !== section.heading,
          state: worst?.state ?? "pending",
          who: [...new Set(items.flatMap((item) => item.who))],
          took_ms: items.reduce((sum, item) => sum + (item.took_ms ?? 0), 0) || null,
          result: worst?.result ?? "",
          items,
        };
      });
      const phase = section.phase.charAt(0).toUpperCase() + section.phase.slice(1);
      return { phase, heading: null, steps: steps.filter((step) => step.items.length > 0) };
    })
    .filter((section) => section.steps.length > 0);
}

function moment(entry: TimelineEntry): RecordMoment {
  const shape = NOTABLE[entry.kind] ?? "minor";
  const text = entry.kind === "note" ? "note" : (entry.text ?? entry.kind.replaceAll("_", " "));
  return {
    seq: entry.seq,
    at: entry.at,
    actor: entry.actor,
    kind: entry.kind,
    shape,
    item: entry.item,
    text,
    detail: entry.kind === "note" ? entry.text : null,
    notable: NOTABLE[entry.kind] !== undefined,
  };
}

export function recordView(view: RunView): RecordView {
  const { run } = view;
  const finished = FINISHED.has(run.state);
  const sections = phases(view);
  const items = sections.flatMap((section) => section.steps.flatMap((step) => step.items));
  return {
    run: run.id,
    title: run.title,
    runbook: run.runbook,
    state: run.state,
    mode: run.mode,
    started_at: run.started_at,
    ended_at: run.ended_at,
    heading: HEADINGS[run.state] ?? "Not finished",
    sentence: finished ? `${run.title}: ${run.done} of ${run.total} done.` : `${run.title}: under way.`,
    partial: finished ? null : "This report is partial: the run is not finished. What comes later is not in it.",
    took_ms: run.ended_at ? Date.parse(run.ended_at) - Date.parse(run.started_at) : null,
    items_ms: items.reduce((sum, item) => sum + (item.took_ms ?? 0), 0),
    environment: view.environment,
    facts: [
      { name: "Runbook", value: run.title, literal: false },
      { name: "File", value: run.runbook, literal: true },
      { name: "Revision", value: run.revision, literal: true },
      { name: "By", value: run.actor, literal: false },
      { name: "Started", value: run.started_at, literal: false },
    ],
    incident: null,
    phases: sections,
    parameters: Object.entries(view.parameters).map(([name, value]) => ({ name, value, literal: true })),
    timeline: view.timeline.map(moment),
    events: view.seq,
    evidence: view.progress.flatMap((one) =>
      one.attempts
        .filter((attempt) => attempt.output_bytes > 0)
        .map((attempt) => ({
          name: one.attempts.length > 1 ? `${one.item}.${attempt.number}.log` : `${one.item}.log`,
          item: one.item,
          attempt: attempt.number,
          bytes: attempt.output_bytes,
          lines: null,
        })),
    ),
    secrets: [],
    left: sections.flatMap((section) =>
      section.steps.flatMap((step) =>
        step.items
          .filter((item) => !["passed", "overridden", "undone"].includes(item.state))
          .map((item) => ({ label: item.label, step: step.title, state: item.state, reason: item.result || null })),
      ),
    ),
    ...(view.usual === undefined ? {} : { usual: view.usual }),
  };
}

export function writtenReport(view: RunView, format: ReportFormat, path?: string): WrittenReport {
  const ending = format === "junit" ? "xml" : format;
  const text = `${HEADINGS[view.run.state] ?? "Not finished"}: ${view.run.title}\n`;
  return { name: `run-${view.run.id.slice(0, 13)}.${ending}`, text: path === undefined ? text : null };
}
