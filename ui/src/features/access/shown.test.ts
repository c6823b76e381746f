import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { startHost } from "../../host";
import { mockHost } from "../../host/mock";
import { news } from "../../lib/news.svelte";
import { left, Secrets } from "./shown.svelte";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const answer = async (): Promise<{ text: string; seconds: number }> => ({ text: "hunter22", seconds: 15 });

test("a secret is shown for its time and no longer", async () => {
  const secrets = new Secrets();
  await secrets.reveal("db", "password", answer);
  expect(secrets.of("db", "password")?.text).toBe("hunter22");
  vi.advanceTimersByTime(14_900);
  expect(secrets.of("db", "password")).not.toBeNull();
  vi.advanceTimersByTime(200);
  expect(secrets.of("db", "password")).toBeNull();
});

test("a secret goes when the window loses the focus, and one that is on its way does not come", async () => {
  const secrets = new Secrets();
  const stop = secrets.start();
  await secrets.reveal("db", "password", answer);
  window.dispatchEvent(new Event("blur"));
  expect(secrets.shown).toEqual([]);
  await secrets.reveal("db", "password", async () => {
    window.dispatchEvent(new Event("blur"));
    return answer();
  });
  expect(secrets.shown).toEqual([]);
  stop();
});

test("shown again, it is shown for its whole time again", async () => {
  const secrets = new Secrets();
  await secrets.reveal("db", "password", answer);
  vi.advanceTimersByTime(10_000);
  await secrets.reveal("db", "password", answer);
  vi.advanceTimersByTime(10_000);
  expect(secrets.shown).toHaveLength(1);
});

test("that a copy is over is known from what the program tells, also when it is told first", async () => {
  await startHost(mockHost());
  const secrets = new Secrets();
  const stop = secrets.start();
  secrets.took("db", "password", { copy: 1, seconds: 30 });
  expect(secrets.copied?.copy).toBe(1);
  news.hear({ news: "copied", copy: 1, replaced: true });
  expect(secrets.copied).toBeNull();
  news.hear({ news: "copied", copy: 2, replaced: false });
  secrets.took("db", "password", { copy: 2, seconds: 30 });
  expect(secrets.copied).toBeNull();
  stop();
});

test("seconds are counted down to none", () => {
  expect([left(10_000, 0), left(10_000, 9_001), left(10_000, 10_000), left(10_000, 20_000)]).toEqual([10, 1, 0, 0]);
});
