import { describe, expect, test } from "vitest";

import type { ParamView } from "../../bindings/types";
import { fromOutside, initial, kindOf, origins, sent, unfit, wrong } from "./params";

describe("values asked for at the start", () => {
  const param = (more: Partial<ParamView>): ParamView => ({
    name: "HOST",
    prompt: null,
    default: null,
    choices: [],
    pattern: null,
    required: true,
    secret: false,
    ...more,
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

  test("a pattern holds for the whole value; one that only the program can read is left to it", () => {
    const params = [param({ name: "PORT", pattern: "\\d{4}|ssh" }), param({ name: "ZONE", pattern: "(?i)eu-\\d" })];
    const zone = { ZONE: "EU-1" };
    expect(wrong(params, { PORT: "8080", ...zone })).toEqual({});
    expect(wrong(params, { PORT: "80801", ...zone })).toEqual({ PORT: "PORT must match /\\d{4}|ssh/" });
    expect(wrong(params, { PORT: "a ssh", ...zone })).toHaveProperty("PORT");
  });

  test("what was given before is offered again, never a secret", () => {
    const params = [param({}), param({ name: "TOKEN", secret: true })];
    expect(initial(params, { HOST: "web-2", TOKEN: "hunter2", OTHER: "x" })).toEqual({ HOST: "web-2", TOKEN: "" });
  });

  test("while values are typed only what does not fit is named, not what is still missing", () => {
    const params = [param({}), param({ name: "PORT", pattern: "\\d+" })];
    expect(unfit(params, { HOST: "", PORT: "" })).toEqual({});
    expect(unfit(params, { HOST: "", PORT: "x" })).toEqual({ PORT: "PORT must match /\\d+/" });
  });

  test("a value is asked for by what its choices and its pattern say of it", () => {
    const kind = (more: Partial<ParamView>): string => {
      const found = kindOf(param(more));
      return "choices" in found ? `${found.kind} ${found.choices.join(" ")}` : found.kind;
    };
    expect(kind({})).toBe("text");
    expect(kind({ secret: true, choices: ["a"] })).toBe("secret");
    expect(kind({ choices: ["yes", "no"] })).toBe("buttons yes no");
    expect(kind({ pattern: "yes|no" })).toBe("buttons yes no");
    expect(kind({ pattern: "^(?:true|false)$" })).toBe("buttons true false");
    expect(kind({ choices: ["a", "b", "c", "d", "e", "f"] })).toBe("list a b c d e f");
    expect(kind({ choices: ["a-rather-long-name-of-a-region", "another"] })).toMatch(/^list/);
    for (const pattern of ["\\d+", "^\\d{1,3}$", "[0-9]+", "-?\\d+", "[1-9][0-9]*", "\\d+(\\.\\d+)?"])
      expect(kind({ pattern })).toBe("number");
    for (const pattern of ["\\d+[a-z]", "[a-z]+", "\\d{4}|ssh", "v\\d+"]) expect(kind({ pattern })).not.toBe("number");
  });
});

test("a value says where it comes from until somebody gives another one, and a secret never", () => {
  const param = (name: string, more: Partial<ParamView> = {}): ParamView => ({
    name,
    prompt: null,
    default: null,
    choices: [],
    pattern: null,
    required: true,
    secret: false,
    ...more,
  });
  const now = Date.parse("2026-11-28T10:00:00Z");
  const params = [param("HOST"), param("ZONE", { default: "a" }), param("TOKEN", { secret: true }), param("NEW")];
  const remembered = { run: "r", started_at: "2026-11-22T03:12:00.000Z", values: { HOST: "web-1", TOKEN: "x" } };
  const values = { HOST: "web-1", ZONE: "a", TOKEN: "x", NEW: "" };
  const from = origins(params, values, new Set(), remembered, now);
  expect(from["HOST"]).toMatch(/^from the run of 22 Nov/);
  expect(from["ZONE"]).toBe("the runbook’s own");
  expect(Object.keys(from)).toEqual(["HOST", "ZONE"]);
  expect(origins(params, values, new Set(["HOST"]), remembered, now)["HOST"]).toBeUndefined();
});

test("a value from outside says so until somebody gives another one", () => {
  const brought = { ZONE: "eu-1", NODE: "n1", GONE: "x" };
  const values = { ZONE: "eu-1", NODE: "n2", GONE: "" };
  expect(fromOutside(values, brought, new Set())).toEqual({ ZONE: "from outside" });
  expect(fromOutside(values, brought, new Set(["ZONE"]))).toEqual({});
});
