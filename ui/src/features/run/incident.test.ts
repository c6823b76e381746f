import { expect, test } from "vitest";

import type { IncidentView, MomentView, UpdatesView } from "../../bindings/types";
import { markWords } from "../../components/page/marks";
import {
  cameDue,
  momentMark,
  momentText,
  momentTitle,
  nextMoment,
  reminder,
  respondersText,
  sinceDetected,
} from "./incident";

const at = (clock: string): string =>
  new Date(2026, 10, 22, Number(clock.slice(0, 2)), Number(clock.slice(3))).toISOString();

function moment(what: string, when: string, more: Partial<MomentView> = {}): MomentView {
  return {
    what,
    when: at(when),
    at: at(when),
    actor: "mk@box",
    note: null,
    corrected: 0,
    took_ms: null,
    since: null,
    ...more,
  };
}

function updates(more: Partial<UpdatesView> = {}): UpdatesView {
  return {
    sent: 0,
    last_at: null,
    last_by: null,
    every_ms: 1_800_000,
    due: at("03:30"),
    snoozed: false,
    snoozed_reason: null,
    templates: [],
    ...more,
  };
}

function incident(more: Partial<IncidentView> = {}): IncidentView {
  return {
    name: null,
    severity: null,
    severities: [],
    responders: [],
    left: [],
    moments: [],
    updates: updates(),
    ...more,
  };
}

test("the next update counts down, turns to what is to be done when it is due, and is silent where nobody can act", () => {
  const now = (clock: string): number => Date.parse(at(clock));
  const cases: [UpdatesView, string, boolean, boolean, string][] = [
    [updates(), "03:17", true, false, "Update in 13:00"],
    [updates(), "03:30", true, true, "Update due 0:00"],
    [updates(), "03:32", true, true, "Update due 2:00"],
    [updates(), "03:32", false, false, "No update sent"],
    [updates({ due: null, sent: 1 }), "03:32", true, false, "1 update sent"],
    [updates({ due: null, sent: 4 }), "03:32", true, false, "4 updates sent"],
  ];
  for (const [view, clock, asked, due, text] of cases) {
    const found = reminder(view, now(clock), asked);
    expect([found.due, found.text]).toEqual([due, text]);
  }
  const put = reminder(
    updates({ snoozed: true, snoozed_reason: "on a call", sent: 1, last_at: at("03:00") }),
    now("03:10"),
    true,
  );
  expect(put.title).toBe("1 update sent, the last at 03:00; the next at 03:30, put off: on a call");
});

test("that an update is due is told once, and again for the next one", () => {
  expect(cameDue(null, "a", false)).toBeNull();
  expect(cameDue(null, "a", true)).toBe("a");
  expect(cameDue("a", "a", true)).toBeNull();
  expect(cameDue("a", "b", true)).toBe("b");
});

test("a moment shows its time and how long it took, and says that it was corrected", () => {
  const view = incident({
    moments: [
      moment("detected", "02:47", { took_ms: null, since: "run", at: at("03:05"), corrected: 1 }),
      moment("mitigated", "03:19", { took_ms: 32 * 60_000, since: "detected" }),
    ],
  });
  expect(momentText(view, "detected")).toBe("02:47");
  expect(momentText(view, "mitigated")).toBe("03:19 · 32 min");
  expect(momentText(view, "verified")).toBe("");
  expect(momentTitle(view.moments[0] as MomentView)).toBe("before the run began, said at 03:05, corrected, by mk@box");
  expect(momentTitle(view.moments[1] as MomentView)).toBe("32:00 after it was detected, by mk@box");
  expect(nextMoment(view)).toBe("verified");
  expect(nextMoment(incident())).toBe("detected");
});

test("the clock since it was detected stands still once it is verified", () => {
  const detected = moment("detected", "02:47");
  const now = Date.parse(at("03:47"));
  expect(sinceDetected(incident(), now)).toBeNull();
  expect(sinceDetected(incident({ moments: [detected] }), now)).toBe(3_600_000);
  expect(sinceDetected(incident({ moments: [detected, moment("verified", "03:17")] }), now)).toBe(1_800_000);
});

test("who leads is named, else how many respond", () => {
  const one = (who: string | null, role: string | null) => ({ role, who, written: null, contact: null, at: null });
  const of = (...responders: ReturnType<typeof one>[]): string => respondersText(incident({ responders }));
  expect(of()).toBe("Nobody responds yet");
  expect(of(one(null, "incident lead"))).toBe("Nobody responds yet");
  expect(of(one("MK", "incident lead"))).toBe("MK leads");
  expect(of(one("MK", "Incident commander"), one("JT", null), one("MK", "scribe"))).toBe("MK leads, 2 respond");
  expect(of(one("JT", null))).toBe("JT responds");
  expect(of(one("JT", null), one("Bo", "scribe"))).toBe("2 respond");
});

test("a mark holds what was typed and nothing else", () => {
  expect(momentMark("detected", " ", "")).toEqual({ what: "detected" });
  expect(momentMark("detected", " 02:47 ", "by the alert")).toEqual({
    what: "detected",
    when: "02:47",
    value: "by the alert",
  });
});

test("a mark of the record is said in words and in the time of this machine", () => {
  const mark = (what: string, more = {}) => ({ at: "", actor: "", what, value: null, withdrawn: false, ...more });
  expect(markWords(mark("detected", { when: at("02:47") }))).toBe("detected at 02:47");
  expect(markWords(mark("severity", { value: "SEV1", reason: "it grows" }))).toBe("severity: SEV1 (it grows)");
  expect(markWords(mark("responder", { value: "MK", role: "lead" }))).toBe("MK is lead");
  expect(markWords(mark("responder", { value: "MK", withdrawn: true }))).toBe("MK left");
  expect(markWords(mark("responder", { value: "MK", role: "lead", withdrawn: true }))).toBe("MK is no longer lead");
  expect(markWords(mark("verified", { withdrawn: true }))).toBe("verified taken back");
  expect(markWords(mark("snoozed", { when: at("04:00"), reason: "on a call" }))).toBe(
    "next update put off until 04:00 (on a call)",
  );
});
