// What the pretended engine does with an item of several hosts: an attempt on each, ten at a time, and those alone tried again
// on which it has not passed.

import type { AttemptView, HostView, ItemProgress, ItemStatus, TimelineEntry } from "../../bindings/types";
import { newAttempt } from "./filled";

export interface HostPlay {
  name: string;
  lines: string[];
  takes: number;
  exit?: number;
  /** Why it could not be run there. */
  note?: string;
  /** What happens there instead at first. */
  before?: Omit<HostPlay, "name" | "before">;
}

/** The run that it is a part of. */
export interface Stage {
  readonly speed: number;
  readonly stops: Map<string, () => void>;
  now: () => string;
  clock: () => number;
  fact: (kind: string, more?: Partial<TimelineEntry>) => TimelineEntry;
  set: (id: string, status: ItemStatus) => unknown;
  print: (id: string, attempt: AttemptView, text: string) => void;
  tell: (items: string[]) => void;
}

const AT_ONCE = 10;

/** Runs it on the hosts on which it has not passed; on all where it has not begun, or has passed on each. */
export function runOnHosts(stage: Stage, progress: ItemProgress, command: string, plays: readonly HostPlay[]): void {
  const id = progress.item;
  const known = new Map((progress.hosts ?? []).map((host) => [host.name, host]));
  const anew = [...known.values()].every((host) => host.status === "passed");
  const hosts = plays.map((play): HostView => {
    const before = known.get(play.name);
    return !anew && before?.status === "passed" ? before : { name: play.name, status: "waiting" };
  });
  progress.hosts = hosts;
  delete progress.hosts_note;
  const began = stage.clock();
  const waiting = plays.filter((_, index) => hosts[index]?.status !== "passed");
  const ends = new Map<string, (stopped: boolean) => void>();
  let stopped = false;
  stage.fact("hosts_started", { item: id, text: waiting.map((play) => play.name).join(", ") });
  stage.set(id, "running");

  // What happens at about the same time is told at once.
  let told = true;
  const tellSoon = (): void => {
    if (!told) return;
    told = false;
    setTimeout(() => {
      told = true;
      stage.tell([id]);
    }, 100);
  };

  const over = (): void => {
    stage.stops.delete(id);
    for (const host of hosts) if (host.status === "waiting") host.status = "not_reached";
    const passed = hosts.filter((host) => host.status === "passed").length;
    const failed = hosts.filter((host) => host.status === "failed" || host.status === "stopped");
    progress.hosts_took_ms = (anew ? 0 : (progress.hosts_took_ms ?? 0)) + stage.clock() - began;
    const names = failed.map((host) => host.name).join(", ");
    stage.fact("hosts_ended", {
      item: id,
      text: [`passed on ${passed} of ${hosts.length}`, ...(names === "" ? [] : [`failed on ${names}`])].join("; "),
      duration_ms: stage.clock() - began,
    });
    stage.set(id, passed === hosts.length ? "passed" : "failed");
  };

  const begin = (play: HostPlay): void => {
    const host = hosts.find((one) => one.name === play.name);
    if (host === undefined) return;
    const number = progress.attempts.length + 1;
    const tried = progress.attempts.some((one) => one.host === play.name);
    const use = tried ? play : (play.before ?? play);
    const attempt: AttemptView = {
      ...newAttempt(number, stage.now(), command),
      host: play.name,
      target: `${play.name} (root@${play.name})`,
    };
    progress.attempts.push(attempt);
    Object.assign(host, { status: "running", attempt: number });
    const started = stage.clock();
    stage.fact("attempt_started", { item: id, attempt: number, text: command });
    const takes = use.takes / stage.speed;
    const timers = use.lines.map((line, index) =>
      setTimeout(() => stage.print(id, attempt, `${line}\r\n`), (takes * (index + 0.5)) / (use.lines.length + 1)),
    );
    const end = (cut: boolean): void => {
      timers.forEach(clearTimeout);
      ends.delete(play.name);
      const ok = !cut && use.note === undefined && (use.exit ?? 0) === 0;
      attempt.state = cut ? "stopped" : ok ? "passed" : "failed";
      attempt.exit = cut || use.note !== undefined ? null : (use.exit ?? 0);
      attempt.signal = cut ? "SIGINT" : null;
      attempt.note = use.note ?? null;
      attempt.duration_ms = stage.clock() - started;
      host.status = attempt.state;
      const { exit, duration_ms } = attempt;
      stage.fact("attempt_ended", {
        item: id,
        attempt: number,
        text: `${play.name}: ${attempt.state}`,
        exit,
        duration_ms,
      });
      goOn();
    };
    timers.push(setTimeout(() => end(false), takes));
    ends.set(play.name, end);
  };

  const goOn = (): void => {
    while (!stopped && ends.size < AT_ONCE) {
      const next = waiting.shift();
      if (next === undefined) break;
      begin(next);
    }
    if (ends.size === 0 && (stopped || waiting.length === 0)) over();
    tellSoon();
  };
  stage.stops.set(id, () => {
    stopped = true;
    for (const end of [...ends.values()]) end(true);
  });
  goOn();
}
