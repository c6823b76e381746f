// What is typed of an entry, and what of it is sent. Pure.

import type { AccessDetails, AccessView, TypedSecret } from "../../bindings/types";
import { kindOf } from "./words";

export interface Typed {
  name: string;
  kind: string;
  group: string;
  tags: string;
  address: string;
  port: string;
  user: string;
  command: string;
  note: string;
  expires: string;
}

export function typed(view: AccessView | null, kind = "ssh"): Typed {
  return {
    name: view?.name ?? "",
    kind: view?.kind ?? kind,
    group: view?.group ?? "",
    tags: view?.tags.join(", ") ?? "",
    address: view?.address ?? "",
    port: view?.port == null ? "" : String(view.port),
    user: view?.user ?? "",
    command: view?.command ?? "",
    note: view?.note ?? "",
    expires: view?.expires ?? "",
  };
}

/** Everything but its name and kind; an empty text takes away what is there. */
export function details(form: Typed): AccessDetails {
  return {
    group: form.group.trim(),
    tags: form.tags
      .split(",")
      .map((tag) => tag.trim())
      .filter((tag) => tag !== ""),
    address: form.address.trim(),
    port: form.port.trim() === "" ? 0 : Number(form.port.trim()),
    user: form.user.trim(),
    command: form.command.trim(),
    note: form.note.trim(),
    expires: form.expires.trim(),
  };
}

/** What is wrong with it before it is sent: by field, a sentence. The rest the program knows. */
export function wrong(form: Typed): Partial<Record<keyof Typed, string>> {
  const faults: Partial<Record<keyof Typed, string>> = {};
  if (form.name.trim() === "") faults.name = "It needs a name.";
  const port = form.port.trim();
  if (port !== "" && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    faults.port = "A port is a number from 1 to 65535.";
  return faults;
}

export interface TypedField {
  field: string;
  value: string;
}

/** The secrets that were typed. */
export const secretsOf = (fields: readonly TypedField[]): TypedSecret[] =>
  fields.filter(({ value }) => value !== "").map(({ field, value }) => ({ field: field.trim(), value }));

/** Another kind has another usual secret: a field that nothing was typed into follows. */
export function followKind(fields: readonly TypedField[], from: string, to: string): TypedField[] {
  const [before, after] = [kindOf(from).secret, kindOf(to).secret];
  return fields.map((one) => (one.field === before && one.value === "" ? { ...one, field: after } : one));
}
