// What the library says about its folders.

import type { LibraryFolder } from "../../bindings/types";

/** More of them than this are told together. */
const EACH = 2;

/** The folders in a few words: the path of the only one and where git has it, else how many. */
export function places(folders: readonly LibraryFolder[]): string {
  const only = folders[0];
  if (!only) return "No folders";
  if (folders.length > 1) return `${folders.length} folders`;
  return only.git ? `${only.path}, ${only.git.branch}, ${only.git.state}` : only.path;
}

/** Something about folders that a person should know. */
export interface Notice {
  kind: "broken" | "late" | "untrusted";
  /** The one folder that it is about; several are told in one line. */
  folder: LibraryFolder | null;
  bold: string;
  text: string;
}

/** What there is to know about the folders: each by itself while they are few, so that the list keeps its room. */
export function notices(folders: readonly LibraryFolder[]): Notice[] {
  const broken = folders.filter((folder) => folder.problem !== null);
  const late = folders.filter((folder) => folder.problem === null && folder.late !== null);
  const untrusted = folders.filter((folder) => !folder.trusted && folder.problem === null);
  return [
    ...told("broken", broken, (folder) => ["", folder.problem ?? ""], "cannot be read."),
    ...told("late", late, (folder) => ["", `${folder.name}: ${folder.late ?? ""}`], "are followed late: see Folders."),
    ...told(
      "untrusted",
      untrusted,
      (folder) => [`Not trusted yet: ${folder.name}.`, "Its runbooks can be read; none of them can be run."],
      "are not trusted yet: their runbooks can be read; none of them can be run.",
    ),
  ];
}

function told(
  kind: Notice["kind"],
  folders: readonly LibraryFolder[],
  each: (folder: LibraryFolder) => [string, string],
  all: string,
): Notice[] {
  if (folders.length > EACH) return [{ kind, folder: null, bold: `${folders.length} folders`, text: all }];
  return folders.map((folder) => {
    const [bold, text] = each(folder);
    return { kind, folder, bold, text };
  });
}
