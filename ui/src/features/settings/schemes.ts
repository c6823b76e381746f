// Schemes of links that may be opened (RFC 3986, section 3.1).

const ALWAYS = ["https", "http", "mailto"];
/** These would run something, or read what a page must not reach. */
const NEVER = ["javascript", "data", "file", "vbscript", "blob", "about"];

export function addScheme(known: readonly string[], typed: string): { schemes: string[] } | { fault: string } {
  const scheme = typed
    .trim()
    .toLowerCase()
    .replace(/:(\/\/)?$/, "");
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) return { fault: "A scheme is a letter, then letters, digits, + - or ." };
  if (ALWAYS.includes(scheme)) return { fault: `${scheme} is always allowed.` };
  if (NEVER.includes(scheme)) return { fault: `${scheme} is never opened.` };
  if (known.includes(scheme)) return { fault: `${scheme} is allowed already.` };
  return { schemes: [...known, scheme].sort() };
}
