// What more than one screen knows of access entries.

import type { AccessRow } from "../../bindings/types";

/** The field that holds the seed of one-time codes. */
export const SEED = "totp";

export const isWeb = (row: AccessRow): boolean => row.kind === "web" || /^https?:\/\//i.test(row.address ?? "");
