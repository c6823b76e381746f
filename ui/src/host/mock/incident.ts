// The frame of an incident of a pretended run: enough of the engine's fold for the screens to behave.

import type {
  IncidentView,
  Marking,
  MarkView,
  MomentView,
  ResponderView,
  RunbookView,
  TimelineEntry,
} from "../../bindings/types";

const ROLES: ResponderView[] = [
  { role: "incident lead", who: null, written: "first on call, databases", contact: "pager", at: null },
  { role: "communication", who: null, written: "second on call", contact: "pager", at: null },
];
const LADDER = ["SEV 1", "SEV 2", "SEV 3", "SEV 4"];
/** Minutes between two updates, by the place in the ladder. */
const EVERY = [15, 30, 60];

interface Of {
  book: RunbookView;
  marks: readonly MarkView[];
  timeline: readonly TimelineEntry[];
  started: string;
  /** It is under way. */
  open: boolean;
}

/** A clock time or a length of time, as the engine reads it: only what the screens' tests type. */
export function readTime(text: string, now: number, ahead: boolean): string | null {
  const clock = /^(\d\d):(\d\d)$/.exec(text);
  if (clock) {
    const at = new Date(now);
    at.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
    if (ahead ? at.getTime() <= now : at.getTime() > now) at.setDate(at.getDate() + (ahead ? 1 : -1));
    return at.toISOString();
  }
  const minutes = /^(\d+) ?m(?:in)?$/.exec(text);
  return minutes ? new Date(now + (ahead ? 1 : -1) * Number(minutes[1]) * 60_000).toISOString() : null;
}

/** The mark as the record has it. */
export function markOf(
  marking: Marking,
  now: IncidentView | null,
  at: string,
  actor: string,
  fail: (code: string, message: string) => never,
): MarkView {
  const said = marking.when?.trim() ?? "";
  const when = said ? readTime(said, Date.parse(at), marking.what === "snoozed") : null;
  if (said && when === null)
    return fail("bad_input", `"${said}" is no time: write a clock time (02:47), or how long ago (15m).`);
  const severity = now?.severity?.value;
  if (marking.what === "severity" && severity !== undefined && !marking.reason)
    return fail("state", `say why the severity changes from ${severity} to ${marking.value ?? ""}`);
  return {
    at,
    actor,
    what: marking.what,
    value: marking.value ?? null,
    ...(when === null ? {} : { when }),
    ...(marking.role === undefined ? {} : { role: marking.role }),
    ...(marking.reason === undefined ? {} : { reason: marking.reason }),
    withdrawn: marking.withdrawn ?? false,
  };
}

export function incidentOf({ book, marks, timeline, started, open }: Of): IncidentView | null {
  if (book.kind !== "incident" && marks.length === 0) return null;
  const last = (what: string): MarkView | null => {
    const mark = marks.findLast((one) => one.what === what) ?? null;
    return mark?.withdrawn === true ? null : mark;
  };
  const severities = marks.filter((mark) => mark.what === "severity");
  const set = last("severity");
  const value = set?.value ?? book.severity;
  const before = set === null ? null : (severities.at(-2)?.value ?? book.severity);
  const told = timeline.filter((entry) => entry.kind === "message_sent" || entry.mark?.what === "update");
  const latest = told.at(-1) ?? null;
  const snoozed = last("snoozed");
  const off = snoozed !== null && (latest === null || latest.at < snoozed.at) ? snoozed : null;
  const minutes = EVERY[LADDER.indexOf(value ?? "SEV 2")];
  const due =
    open && minutes !== undefined
      ? (off?.when ?? new Date(Date.parse(latest?.at ?? started) + minutes * 60_000).toISOString())
      : null;
  return {
    name: last("incident")?.value ?? null,
    severity:
      value === null
        ? null
        : {
            value,
            before,
            moved: before === null ? null : before > value ? "raised" : "lowered",
            at: set?.at ?? null,
            actor: set?.actor ?? null,
            reason: set?.reason ?? null,
          },
    severities: LADDER,
    responders: responders(marks),
    left: [],
    moments: ["began", "detected", "mitigated", "verified"].flatMap((what) => moment(what, last, marks, started)),
    updates: {
      sent: told.length,
      last_at: latest?.at ?? null,
      last_by: latest?.actor ?? null,
      every_ms: minutes === undefined ? null : minutes * 60_000,
      due,
      snoozed: due !== null && off !== null,
      snoozed_reason: due === null ? null : (off?.reason ?? null),
      templates: Object.values(book.items)
        .filter((item) => item.kind === "message")
        .map((item) => ({
          item: item.id,
          to: item.id.includes("engineers") ? "engineers" : null,
          sent: told.filter((entry) => entry.item === item.id).length,
        })),
    },
  };
}

function moment(
  what: string,
  last: (what: string) => MarkView | null,
  marks: readonly MarkView[],
  started: string,
): MomentView[] {
  const mark = last(what);
  if (mark === null) return [];
  const detected = last("detected");
  const from = what === "detected" || detected === null ? started : (detected.when ?? detected.at);
  const when = mark.when ?? mark.at;
  const took = Date.parse(when) - Date.parse(from);
  return [
    {
      what,
      when,
      at: mark.at,
      actor: mark.actor,
      note: mark.value,
      corrected: marks.filter((one) => one.what === what).length - 1,
      took_ms: took < 0 ? null : took,
      since: from === started ? "run" : "detected",
    },
  ];
}

function responders(marks: readonly MarkView[]): ResponderView[] {
  const here = ROLES.map((one) => ({ ...one }));
  for (const mark of marks.filter((one) => one.what === "responder")) {
    const place = here.find((one) => one.role === (mark.role ?? null) && mark.role !== undefined);
    if (mark.withdrawn) {
      for (const one of here.filter((other) => other.who === mark.value)) [one.who, one.at] = [null, null];
    } else if (place) [place.who, place.at] = [mark.value, mark.at];
    else here.push({ role: mark.role ?? null, who: mark.value, written: null, contact: null, at: mark.at });
  }
  return here.filter((one) => one.who !== null || one.written !== null);
}
