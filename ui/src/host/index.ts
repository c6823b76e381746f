// Which host the page talks to: the real one, or while developing in a plain browser a stand-in with runbooks of its
// own. The stand-in is not in the production bundle.

import type { Host } from "./host";

let current: Host | null = null;

export type { Connected, Host, OutputPiece, Watch } from "./host";
export { apiError } from "./host";

/** The host. {@link startHost} must have been called. */
export function host(): Host {
  if (current === null) throw new Error("The host was used before it was started.");
  return current;
}

/** Chooses the host; tests give their own. */
export async function startHost(given?: Host): Promise<Host> {
  if (given) current = given;
  else if (import.meta.env.DEV && !("__TAURI_INTERNALS__" in window)) {
    current = (await import("./mock")).mockHost();
  } else {
    const { TauriHost } = await import("./tauri");
    current = new TauriHost();
  }
  return current;
}
