import { describe, expect, test } from "vitest";

import type { AttemptView, ItemView } from "../../bindings/types";
import { sentText } from "./message";
import { spark } from "./spark";
import { tries, valueOf, wait } from "./tries";

const at = (more: Partial<AttemptView> = {}): AttemptView => ({
  number: 1,
  started_at: "2026-11-22T15:00:00.000Z",
  command: "lag",
  target: "this machine",
  cwd: "/",
  state: "failed",
  exit: 0,
  signal: null,
  note: null,
  duration_ms: 300,
  of: null,
  output_bytes: 3,
  expectations: [],
  typed: false,
  ...more,
});
const saw = (observed: string, holds = false, expected = "number < 5") => ({ expected, observed, holds });

describe("the tries of a probe", () => {
  test("each says its number, when it was, and how long it took", () => {
    const attempts = [
      at({ number: 1, expectations: [saw("41")] }),
      at({ number: 2, started_at: "2026-11-22T15:00:05.000Z", expectations: [saw("8.2")] }),
      at({ number: 3, started_at: "2026-11-22T15:00:10.000Z", state: "passed", expectations: [saw("4", true)] }),
    ];
    const { list, before } = tries(attempts);
    expect(list.map((one) => [one.number, one.shape, one.value, one.took])).toEqual([
      [1, "pending", "41", "0.3 s"],
      [2, "pending", "8.2", "0.3 s"],
      [3, "passed", "4", "0.3 s"],
    ]);
    expect(list.map((one) => one.at.slice(-5))).toEqual(["00:00", "00:05", "00:10"]);
    expect(before).toBe(0);
  });

  test("a number is written with the unit that was printed with it", () => {
    const value = (observed: string): string => valueOf(at({ expectations: [saw(observed)] }));
    expect(["8.2 s", "61%", "4MB/s", "412", "8.2", "-3e2 ms"].map(value)).toEqual([
      "8.2 s",
      "61%",
      "4MB/s",
      "412",
      "8.2",
      "-300 ms",
    ]);
  });

  test("of very many the last are listed, and the others counted", () => {
    const attempts = Array.from({ length: 3600 }, (_, index) => at({ number: index + 1 }));
    const { list, before } = tries(attempts);
    expect([list.length, before, list[0]?.number]).toEqual([50, 3550, 3551]);
  });

  test("one without a number says what did not hold, or how it ended", () => {
    expect(valueOf(at({ expectations: [saw("2 of 3", true, "exit 0"), saw("no line", false, "/ready/")] }))).toBe(
      "no line",
    );
    expect(valueOf(at({ expectations: [saw("", false, "/ready/")] }))).toBe("no output");
    expect(valueOf(at({ exit: 7 }))).toBe("exit 7");
    expect(valueOf(at({ state: null, exit: null, duration_ms: null }))).toBe("");
  });

  test("the next try comes a period after the beginning of the last, at once where that took longer", () => {
    const item = { every_ms: 5000, within_ms: 60_000 } as ItemView;
    const now = Date.parse("2026-11-22T15:00:02.000Z");
    expect(wait(item, at(), now)).toEqual({ left: 3000, share: 0.4 });
    expect(wait(item, at({ duration_ms: 9000 }), now + 9000)?.left).toBe(0);
    expect(wait(item, at({ state: null, duration_ms: null }), now)).toBeNull();
    expect(wait(item, null, now)).toBeNull();
    // Not later than its patience lasts.
    expect(wait({ ...item, every_ms: 600_000, within_ms: 5000 }, at(), now)?.left).toBe(3000);
  });

  test("a long course is drawn without a dot for each value, and within its frame", () => {
    const long = spark(
      Array.from({ length: 48 }, (_, index) => 50 - index),
      5,
    );
    expect(long.dots).toBe(false);
    expect(Math.max(...long.points.map((point) => point.x))).toBeLessThanOrEqual(96);
    expect(spark([41, 19, 8], 5).dots).toBe(true);
  });
});

test("what was really sent is what the record has, the last time", () => {
  const entry = (kind: string, item: string, text: string) =>
    ({ seq: 1, at: "", actor: "", kind, item, attempt: null, text, exit: null, duration_ms: null }) as const;
  const timeline = [
    entry("message_sent", "tell", "first"),
    entry("message_sent", "other", "else"),
    entry("message_sent", "tell", "second"),
    entry("note", "tell", "a note"),
  ];
  expect(sentText(timeline, "tell")).toBe("second");
  expect(sentText(timeline, "none")).toBeNull();
});
