// How times and durations are written. Durations are milliseconds; times are RFC 3339 in UTC, shown in local time.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, "0");

/** Milliseconds from one time to another; null when a clock was set back between them, or one is no time. */
export function between(from: string, to: string | null): number | null {
  const gone = to === null ? NaN : Date.parse(to) - Date.parse(from);
  return gone >= 0 ? gone : null;
}

/** `0:06`, `14:32`, `1:02:11`: for clocks and columns. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** How long a step took: `0:14`, and `0.3 s` where the clock would say nothing. */
export function spent(ms: number): string {
  return ms < SECOND ? measured(ms) : clock(ms);
}

/** `80 ms`, `1.2 s`, `41 s`, `5:18`: for what was measured. */
export function measured(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  if (ms < 20 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  return clock(ms);
}

/** `40 s`, `9 min`, `1 h 12`: for what is usual, and for lists. */
export function rough(ms: number): string {
  if (ms < SECOND) return "1 s";
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  const hours = Math.floor(ms / HOUR);
  const minutes = Math.round((ms % HOUR) / MINUTE);
  return minutes === 0 ? `${hours} h` : `${hours} h ${two(minutes)}`;
}

/** A limit as written in a runbook: `60 s`, `2 min`, `1 min 30 s`. */
export function limit(ms: number): string {
  if (ms < SECOND) return `${ms} ms`;
  if (ms <= 90 * SECOND || ms % MINUTE !== 0) {
    if (ms < 2 * MINUTE) return `${Math.round(ms / SECOND)} s`;
    const rest = Math.round((ms % MINUTE) / SECOND);
    return rest === 0 ? `${Math.floor(ms / MINUTE)} min` : `${Math.floor(ms / MINUTE)} min ${rest} s`;
  }
  return `${ms / MINUTE} min`;
}

/** `03:12`. */
export function timeOfDay(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `03:12:09`: where minutes do not tell one from the next. */
export function clockTime(at: string): string {
  const minutes = timeOfDay(at);
  return minutes === "" ? "" : `${minutes}:${two(new Date(at).getSeconds())}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `22 Nov 03:12`, with the year when it is not this one. */
export function dayAndTime(at: string, now: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return "";
  const year = date.getFullYear() === new Date(now).getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]}${year} ${timeOfDay(at)}`;
}

/** `just now`, `6 min ago`, `yesterday`, `3 months ago`. */
export function ago(at: string, now: number): string {
  const gone = now - Date.parse(at);
  if (Number.isNaN(gone)) return "";
  if (gone < MINUTE) return "just now";
  if (gone < HOUR) return `${Math.floor(gone / MINUTE)} min ago`;
  if (gone < DAY) return `${Math.floor(gone / HOUR)} h ago`;
  if (gone < 2 * DAY) return "yesterday";
  if (gone < 30 * DAY) return `${Math.floor(gone / DAY)} days ago`;
  if (gone < 60 * DAY) return "a month ago";
  if (gone < 365 * DAY) return `${Math.floor(gone / (30 * DAY))} months ago`;
  const years = Math.floor(gone / (365 * DAY));
  return years === 1 ? "a year ago" : `${years} years ago`;
}

/** The person in `user@host`. */
export function person(actor: string): string {
  return actor.split("@")[0] || actor;
}

/** `in 3 h`, `in 2 days`; `now` where it is due. */
export function ahead(at: string, now: number): string {
  const minutes = Math.ceil((Date.parse(at) - now) / 60_000);
  if (Number.isNaN(minutes)) return "";
  if (minutes <= 0) return "now";
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 48 * 60) return `in ${Math.round(minutes / 60)} h`;
  return `in ${Math.round(minutes / 60 / 24)} days`;
}
