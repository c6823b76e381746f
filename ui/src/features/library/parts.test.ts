import { describe, expect, test, vi } from "vitest";

import type { ParamView } from "../../bindings/types";
import { initial, mustAsk, sent, wrong } from "./params";
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

describe("values asked for at the start", () => {
  const param = (more: Partial<ParamView>): ParamView => ({
    name: "HOST",
    prompt: null,
    default: null,
    choices: [],
    required: true,
    secret: false,
    ...more,
  });

  test("a run asks only when something without a default is needed", () => {
    expect(mustAsk([])).toBe(false);
    expect(mustAsk([param({ default: "web-1" })])).toBe(false);
    expect(mustAsk([param({ required: false })])).toBe(false);
    expect(mustAsk([param({})])).toBe(true);
  });

  test("what is missing or not allowed is named", () => {
    const params = [param({}), param({ name: "ZONE", choices: ["a", "b"] })];
    expect(Object.keys(wrong(params, initial(params)))).toEqual(["HOST", "ZONE"]);
    expect(wrong(params, { HOST: "x", ZONE: "c" })).toEqual({ ZONE: "ZONE is one of a, b" });
    expect(wrong(params, { HOST: "x", ZONE: "b" })).toEqual({});
  });

  test("what may be left out is left out", () => {
    expect(sent([param({}), param({ name: "NOTE", required: false })], { HOST: "x", NOTE: "" })).toEqual({ HOST: "x" });
  });
});
