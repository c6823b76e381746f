import { expect, test } from "vitest";

import type { AccessRow, AccessView, KeeperView } from "../../bindings/types";
import { ends, freeFields, grouped, lostWith, place, shut, trouble, usualSecret } from "./words";

const row = (over: Partial<AccessRow> = {}): AccessRow => ({
  id: "1",
  name: "orders-db",
  kind: "database",
  group: null,
  tags: [],
  address: "db1",
  port: 5433,
  user: "app",
  command: null,
  connects: null,
  note: null,
  expires: null,
  expires_days: null,
  secrets: [],
  used_at: null,
  uses: 0,
  ...over,
});

const secret = (name: string, at = "keychain"): AccessRow["secrets"][number] => ({
  name,
  place: at,
  set_at: "2026-11-01T00:00:00.000Z",
});

const keeper = (over: Partial<KeeperView> = {}): KeeperView => ({
  keeper: "keychain",
  keychain: "open",
  keychain_problem: null,
  vault: "/home/mara/.local/share/allgood/vault.age",
  vault_exists: false,
  vault_open: false,
  in_keychain: 3,
  in_vault: 0,
  ...over,
});

test("entries stand under their kinds, in the order of the kinds, and an unknown kind is not lost", () => {
  const groups = grouped([row({ kind: "web" }), row({ kind: "ssh" }), row({ kind: "of a later version" })]);
  expect(groups.map((group) => group.kind.many)).toEqual(["SSH hosts", "Web logins", "Others"]);
});

test("a place is written as one would type it", () => {
  expect(place(row())).toBe("app@db1:5433");
  expect(place(row({ port: null, user: null }))).toBe("db1");
  expect(place(row({ address: null }))).toBe("app");
  expect(place(row({ address: null, user: null }))).toBe("");
});

test("an end is said when it is near or over", () => {
  expect([null, 15, 14, 1, 0, -1].map(ends)).toEqual([null, null, "14 days left", "1 day left", "last day", "expired"]);
});

test("the usual secret is the one of the kind, else the only one, and never the seed of codes", () => {
  expect(usualSecret(row({ secrets: [secret("key"), secret("password")] }))).toBe("password");
  expect(usualSecret(row({ secrets: [secret("key"), secret("totp")] }))).toBe("key");
  expect(usualSecret(row({ secrets: [secret("totp")] }))).toBeNull();
  expect(usualSecret(row({ secrets: [secret("a"), secret("b")] }))).toBeNull();
});

test("fields that it has are not offered again", () => {
  expect(freeFields(row({ kind: "ssh", secrets: [secret("key")] }))).toEqual([
    "password",
    "passphrase",
    "token",
    "totp",
  ]);
});

test("what stands in the way of secrets is said with the one way on, and only where it matters", () => {
  expect(trouble(keeper())).toBeNull();
  expect(trouble(keeper({ keychain: "locked" }))?.does).toBe("unlock");
  expect(trouble(keeper({ keychain: "absent", keychain_problem: "no bus" }))).toMatchObject({
    does: "choose",
    why: "no bus",
  });
  expect(trouble(keeper({ keychain: "failing", keychain_problem: "it broke" }))?.why).toBe("it broke");
  const vault = { keeper: "vault", in_keychain: 0, in_vault: 2, vault_exists: true };
  expect(trouble(keeper({ ...vault, keychain: "absent" }))?.does).toBe("open");
  expect(trouble(keeper({ ...vault, keychain: "absent", vault_open: true }))).toBeNull();
  expect(trouble(keeper({ ...vault, vault_exists: false }))?.what).toBe("The vault is gone.");
  expect([shut(keeper(), "keychain"), shut(keeper(), "vault")]).toEqual([false, true]);
});

test("before an entry is removed it is said what is lost with it", () => {
  const view: AccessView = {
    ...row({ secrets: [secret("password"), secret("totp", "vault")] }),
    added_at: "",
    changed_at: "",
    used_by: [{ path: "/a.md", title: "Fail over", written: "P: keychain://orders-db/password", environment: null }],
    grants: [{ scope: "/home/mara/runbooks", granted_at: "" }],
  };
  expect(lostWith(view)).toEqual([
    "Its secrets (password, totp) go out of this machine's keychain and the vault. That cannot be taken back.",
    "Fail over refers to it, and will not start without it.",
    "That a library may use it is forgotten.",
  ]);
  expect(lostWith({ ...view, secrets: [], used_by: [], grants: [] })).toEqual([]);
});
