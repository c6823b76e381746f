import { describe, expect, test, vi } from "vitest";

import { Search } from "./search";

describe("searching while typing", () => {
  test("waits for the typing to stop", async () => {
    vi.useFakeTimers();
    const ask = vi.fn((words: string) => Promise.resolve(words));
    const found = vi.fn();
    const search = new Search(ask, found, () => undefined);
    for (const words of ["n", "ng", "nginx"]) search.typed(words);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ask.mock.calls).toEqual([["nginx"]]);
    expect(found).toHaveBeenCalledExactlyOnceWith("nginx", "nginx");
    vi.useRealTimers();
  });

  test("an answer that comes late is dropped", async () => {
    const answers = new Map<string, (answer: string) => void>();
    const found: string[] = [];
    const search = new Search(
      (words) => new Promise<string>((resolve) => answers.set(words, resolve)),
      (answer) => found.push(answer),
      () => undefined,
    );
    const first = search.now("old");
    const second = search.now("new");
    answers.get("new")?.("new");
    answers.get("old")?.("old");
    await Promise.all([first, second]);
    expect(found).toEqual(["new"]);
  });

  test("a failure is told, unless it is of an older search", async () => {
    const failed = vi.fn();
    const search = new Search<string>(
      (words) => Promise.reject(new Error(words)),
      () => undefined,
      failed,
    );
    await Promise.all([search.now("a"), search.now("b")]);
    expect(failed).toHaveBeenCalledTimes(1);
  });
});
