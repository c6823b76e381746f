import { expect, test } from "vitest";

import { details, followKind, secretsOf, typed, wrong } from "./form";

test("what is emptied is taken away, and what is typed goes without the blanks around it", () => {
  const form = { ...typed(null), name: " db ", tags: " prod, eu ,,", port: " 5433 ", address: " db1 ", user: "" };
  expect(details(form)).toEqual({
    group: "",
    tags: ["prod", "eu"],
    address: "db1",
    port: 5433,
    user: "",
    command: "",
    note: "",
    expires: "",
  });
  expect(details({ ...form, port: "" }).port).toBe(0);
});

test("a name that is missing and a port that is none are said before anything is sent", () => {
  expect(wrong({ ...typed(null), name: " " })).toHaveProperty("name");
  for (const port of ["0", "65536", "ssh", "-1", "1.5"])
    expect(wrong({ ...typed(null), name: "a", port })).toHaveProperty("port");
  for (const port of ["", "1", "65535", " 22 "]) expect(wrong({ ...typed(null), name: "a", port })).toEqual({});
});

test("a secret that nothing was typed into is not sent, and blanks within one stay", () => {
  const fields = [
    { field: "password", value: "" },
    { field: " key ", value: " a b \n" },
  ];
  expect(secretsOf(fields)).toEqual([{ field: "key", value: " a b \n" }]);
});

test("the empty field follows the kind, what was typed stays", () => {
  expect(followKind([{ field: "password", value: "" }], "ssh", "token")).toEqual([{ field: "token", value: "" }]);
  expect(followKind([{ field: "password", value: "x" }], "ssh", "token")).toEqual([{ field: "password", value: "x" }]);
});
