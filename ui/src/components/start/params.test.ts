import { describe, expect, test } from "vitest";

import type { ParamView } from "../../bindings/types";
import { initial, mustAsk, sent, wrong } from "./params";

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
});
