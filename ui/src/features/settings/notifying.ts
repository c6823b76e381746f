// After how many seconds a command counts as long: what is typed, read.

const FEWEST = 1;
/** A day. */
const MOST = 86_400;

export function readSeconds(typed: string): { seconds: number } | { fault: string } {
  const digits = typed.trim().replace(/ ?s$/, "");
  const seconds = /^\d{1,9}$/.test(digits) ? Number(digits) : Number.NaN;
  if (!(seconds >= FEWEST && seconds <= MOST))
    return { fault: `"${typed.trim()}" is no number of seconds from ${FEWEST} to ${MOST}. Nothing was changed.` };
  return { seconds };
}
