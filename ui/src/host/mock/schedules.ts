// Schedules of the stand-in: what a cron expression means is known of a fixed time each day alone.

import type {
  ApiError,
  EditSchedule,
  FiringState,
  FiringView,
  NewSchedule,
  NextUp,
  PreviewSchedule,
  RunSummary,
  ScheduleList,
  ScheduleProposalView,
  ScheduleTimes,
  ScheduleView,
} from "../../bindings/types";

const ZONE = "Europe/Berlin";
const DAY = 86_400_000;
const FIELD = /^(\*(\/\d+)?|[\dA-Z,\-#L]+(\/\d+)?)$/i;

interface Around {
  /** Title and revision of a runbook. */
  book: (path: string) => { title: string; revision: string };
  /** Starts a run of it. */
  start: (path: string) => RunSummary;
}

function problem(code: ApiError["code"], message: string): ApiError {
  return { code, message };
}

function times(cron: string, zone: string | null | undefined): ScheduleTimes {
  const fields = cron.trim() === "@daily" ? ["0", "0", "*", "*", "*"] : cron.trim().split(/\s+/);
  const [minute, hour] = fields;
  const wrong = fields.length !== 5 || fields.some((field) => !FIELD.test(field)) || Number(minute) > 59;
  if (wrong)
    throw problem(
      "bad_input",
      `"${cron.trim()}" is no cron expression: write minute, hour, day of the month, month and day of the week, such as "30 3 * * *" for 3:30 every day.`,
    );
  const first = new Date();
  first.setHours(Number(hour) || 0, Number(minute) || 0, 0, 0);
  if (first.getTime() <= Date.now()) first.setTime(first.getTime() + DAY);
  const next = Array.from({ length: 7 }, (_, at) => new Date(first.getTime() + at * DAY).toISOString());
  const clock = `${(hour ?? "0").padStart(2, "0")}:${(minute ?? "0").padStart(2, "0")}`;
  return { words: `At ${clock}`, zone: zone ?? ZONE, next };
}

function dayOf(at: string): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function firing(at: number, state: FiringState, change: Partial<FiringView> = {}): FiringView {
  const due = new Date(at).toISOString();
  const ran = !["missed", "refused"].includes(state);
  return {
    due,
    times: 1,
    at: due,
    by_hand: false,
    state,
    run: ran ? "019aae10" : null,
    ended_at: ran ? due : null,
    why: null,
    ...change,
  };
}

export class ScheduleMock {
  private kept: ScheduleView[] = [];
  private proposals: ScheduleProposalView[] = [];
  private last = 0;

  constructor(
    stocked: boolean,
    private readonly around: Around,
  ) {
    if (!stocked) return;
    const root = "/home/mara/runbooks";
    const nightly = this.keep({
      name: "Nightly backup",
      runbook: `${root}/databases/billing/nightly-backup.md`,
      cron: "30 3 * * *",
    });
    nightly.usual_ms = 252_000;
    const states: FiringState[] = ["passed", "passed", "failed", "passed", "missed", "passed", "passed", "rolled_back"];
    nightly.firings = states.map((state, at) =>
      firing(Date.parse(nightly.next[0] ?? "") - (at + 1) * DAY, state, {
        why: state === "missed" ? "nothing drove the schedules at that time" : null,
      }),
    );
    const renew = this.keep({ name: "Renew certificates", runbook: `${root}/edge/tls/rotate.md`, cron: "0 4 * * *" });
    Object.assign(renew, {
      changed: true,
      environment: "prod",
      problem: `${root}/edge/tls/rotate.md has changed since it was accepted on 2026-11-02: read it, and accept it as it is now (\`allgood schedule edit 'Renew certificates' --accept\`).`,
      firings: [firing(Date.now() - DAY / 2, "refused", { why: "the runbook has changed since it was accepted" })],
    });
    this.proposals.push({
      runbook: `${root}/hosts/build/prune-images.md`,
      title: "Prune container images on the build hosts",
      environment: null,
      on_failure: "stop",
      missed: "once",
      cron: "0 5 * * *",
      problem: null,
      ...times("0 5 * * *", ZONE),
    });
  }

  get count(): number {
    return this.kept.length;
  }

  get nextUp(): NextUp | null {
    const coming = this.kept.flatMap(({ id, name, next: [at] }) =>
      at === undefined ? [] : [{ schedule: id, name, at }],
    );
    return coming.sort((one, other) => one.at.localeCompare(other.at))[0] ?? null;
  }

  private keep(said: Pick<ScheduleView, "name" | "runbook" | "cron"> & Partial<ScheduleView>): ScheduleView {
    this.last += 1;
    const found = times(said.cron, said.zone);
    const schedule: ScheduleView = {
      id: `schedule-${this.last}`,
      environment: null,
      values: {},
      on_failure: "stop",
      missed: "skip",
      paused: false,
      revision: "",
      accepted_at: new Date().toISOString(),
      added_at: new Date().toISOString(),
      problem: null,
      changed: false,
      usual_ms: null,
      firings: [],
      ...said,
      words: found.words,
      zone: found.zone,
      next: found.next.slice(0, 5),
      week: found.next.map((first) => ({ day: dayOf(first), first, count: 1 })),
    };
    this.kept.push(schedule);
    return schedule;
  }

  private find(id: string): ScheduleView {
    const found = this.kept.find((one) => one.id === id || one.name === id);
    if (!found) throw problem("not_found", `There is no schedule "${id}".`);
    return found;
  }

  readonly handlers = {
    schedule_list: (): ScheduleList => structuredClone({ schedules: this.kept, proposals: this.proposals }),
    schedule_preview: ({ cron, zone }: PreviewSchedule): ScheduleTimes => {
      const found = times(cron, zone);
      return { ...found, next: found.next.slice(0, 5) };
    },
    schedule_add: (said: NewSchedule): ScheduleView => {
      const { title, revision } = this.around.book(said.runbook);
      const name = said.name ?? title;
      if (this.kept.some((one) => one.name === name))
        throw problem("bad_input", `There is a schedule "${name}" already: choose another name, or change that one.`);
      this.proposals = this.proposals.filter((one) => one.runbook !== said.runbook);
      const { runbook, cron, zone, environment, values, on_failure, missed } = said;
      return structuredClone(
        this.keep({
          name,
          runbook,
          cron: cron ?? "",
          zone: zone === null || zone === "" ? ZONE : zone,
          environment: environment === "" ? null : environment,
          values,
          on_failure: on_failure ?? "stop",
          missed: missed ?? "skip",
          revision,
        }),
      );
    },
    schedule_edit: (said: EditSchedule): ScheduleView => {
      const found = this.find(said.schedule);
      if (said.cron !== null || said.zone !== null) {
        const cron = said.cron ?? found.cron;
        Object.assign(found, times(cron, said.zone ?? found.zone), { cron });
      }
      if (said.name !== null) found.name = said.name;
      if (said.paused !== null) found.paused = said.paused;
      if (said.on_failure !== null) found.on_failure = said.on_failure;
      if (said.missed !== null) found.missed = said.missed;
      if (said.accept !== null) Object.assign(found, { changed: false, problem: null });
      const shown = times(found.cron, found.zone).next;
      found.next = found.paused ? [] : shown.slice(0, 5);
      found.week = found.paused ? [] : shown.map((first) => ({ day: dayOf(first), first, count: 1 }));
      return structuredClone(found);
    },
    schedule_remove: ({ schedule }: { schedule: string }): null => {
      const found = this.find(schedule);
      this.kept = this.kept.filter((one) => one !== found);
      return null;
    },
    schedule_start: ({ schedule }: { schedule: string }): RunSummary => this.around.start(this.find(schedule).runbook),
  };
}
