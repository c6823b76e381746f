import { describe, expect, test } from "vitest";

import type { ParamView } from "../../bindings/types";
import { initial, kindOf, sent, unfit, wrong } from "./params";

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
