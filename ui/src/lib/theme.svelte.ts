// The window's light: what was chosen, or else what the system has.

import type { Settings, Theme } from "../bindings/types";
import { host } from "../host";
import { toasts } from "./toasts.svelte";

const KEY = "allgood.theme";

export function shown(choice: Theme, systemIsDark: boolean): "light" | "dark" {
  if (choice === "system") return systemIsDark ? "dark" : "light";
  return choice;
}

class SettingsStore {
  current = $state<Settings>({
    theme: "system",
    link_schemes: [],
    update_minutes: { sev1: 15, sev2: 30, sev3: 60, sev4: 0, other: 30 },
    notifications: true,
    notify_after_s: 30,
    quiet_failures: false,
    stay: "schedules",
    fetch_minutes: 15,
  });
  private dark = $state(false);
  readonly light = $derived(shown(this.current.theme, this.dark));

  /** Reads what is stored and follows the system; the answer stops that. */
  start(): () => void {
    const query = window.matchMedia("(prefers-color-scheme: dark)");
    this.dark = query.matches;
    const changed = (event: MediaQueryListEvent): void => {
      this.dark = event.matches;
      this.paint();
    };
    query.addEventListener("change", changed);
    // Until the stored setting has come, what the page was painted with stays.
    const kept = readKept();
    if (kept) this.current = { ...this.current, theme: kept };
    this.paint();
    host()
      .call("settings_read", {})
      .then((settings) => {
        this.current = settings;
        this.paint();
      })
      .catch((error: unknown) => toasts.fail(error));
    return () => query.removeEventListener("change", changed);
  }

  async write(settings: Settings): Promise<void> {
    try {
      await this.keep(settings);
    } catch (error) {
      toasts.fail(error);
    }
  }

  /** As `write`; what is refused is thrown, for whoever says it beside its field. */
  async keep(settings: Settings): Promise<void> {
    const before = this.current;
    this.current = settings;
    this.paint();
    try {
      this.current = await host().call("settings_write", settings);
    } catch (error) {
      this.current = before;
      throw error;
    } finally {
      this.paint();
    }
  }

  setTheme(theme: Theme): Promise<void> {
    return this.write({ ...$state.snapshot(this.current), theme });
  }

  private paint(): void {
    document.documentElement.dataset["theme"] = this.light;
    try {
      localStorage.setItem(KEY, this.current.theme);
    } catch {
      // Without storage only the first paint may be in the wrong light.
    }
  }
}

function readKept(): Theme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" || kept === "system" ? kept : null;
  } catch {
    return null;
  }
}

export const settings = new SettingsStore();
