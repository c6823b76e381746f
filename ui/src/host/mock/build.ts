// Builds runbooks for the stand-in host from short descriptions.

import type { HostPlay } from "./fleet";
import type {
  EnvironmentView,
  ItemKind,
  ItemView,
  LinkView,
  ParamView,
  Part,
  Phase,
  Problem,
  RunbookView,
  SectionView,
  StepView,
} from "../../bindings/types";

/** What a pretended command does. */
export interface Play {
  /** Output, a line each; may hold escape sequences. */
  lines: string[];
  /** How long it takes, in milliseconds. */
  takes: number;
  exit?: number;
  /** Expected, observed, holds. */
  observed?: [string, string, boolean][];
  /** What happens instead at the first tries. */
  before?: Play[];
  /** Never ends by itself: prints this line again and again. */
  flood?: string;
  /** Waits for typed input and echoes it. */
  session?: boolean;
  /** It runs on these hosts. */
  hosts?: HostPlay[];
}

export interface ItemSpec extends Partial<Omit<ItemView, "step" | "kind">> {
  id: string;
  kind?: ItemKind;
  play?: Play;
}

export interface StepSpec {
  title: string;
  number?: string;
  prose?: string;
  items: (ItemSpec | string)[];
  fails?: string;
  noReturn?: boolean;
}

export interface SectionSpec {
  phase: Phase;
  heading: string;
  level?: number;
  intro?: string;
  steps?: StepSpec[];
}

export interface RunbookSpec {
  relative: string;
  title: string;
  kind?: string;
  severity?: string;
  summary?: string;
  outcome?: string;
  owner?: string;
  reviewed?: string;
  refused?: string;
  tags?: string[];
  params?: ParamView[];
  environments?: EnvironmentView[];
  links?: [string, string, string][];
  problems?: Problem[];
  sections: SectionSpec[];
}

export interface Built {
  view: RunbookView;
  plays: Map<string, Play>;
}

/** A made-up hash that is stable for the same words. */
export function fakeHash(words: string): string {
  let state = 2166136261;
  let out = "";
  for (let round = 0; out.length < 64; round += 1) {
    for (const character of `${words}#${round}`) {
      state ^= character.charCodeAt(0);
      state = Math.imul(state, 16777619) >>> 0;
    }
    out += state.toString(16).padStart(8, "0");
  }
  return out.slice(0, 64);
}

function slug(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}

export function build(spec: RunbookSpec, root: string, library: number, trusted: boolean): Built {
  const items: Record<string, ItemView> = {};
  const plays = new Map<string, Play>();
  let line = 1;
  const sections: SectionView[] = spec.sections.map((section) => {
    line += 2;
    const at = line;
    const steps: StepView[] = (section.steps ?? []).map((step) => {
      line += 3;
      const id = slug(step.title);
      const body: Part[] = [];
      if (step.prose) body.push({ part: "html", value: step.prose });
      const ids: string[] = [];
      for (const given of step.items) {
        const item: ItemSpec = typeof given === "string" ? { id: slug(given), kind: "check", text: given } : given;
        line += 2;
        const kind = item.kind ?? "command";
        const { play, ...rest } = item;
        if (play) plays.set(item.id, play);
        items[item.id] = {
          step: id,
          line,
          hash: fakeHash(`${spec.relative} ${item.id} ${item.script ?? ""}`),
          on_path: section.phase !== "reference" && section.phase !== "rollback" && kind !== "undo",
          text: "",
          language: kind === "check" || kind === "message" ? "" : "sh",
          script: "",
          expects: [],
          timeout_ms: null,
          every_ms: kind === "probe" ? 5000 : null,
          within_ms: kind === "probe" ? 60000 : null,
          optional: false,
          guessed: false,
          refused: null,
          placeholders: [],
          doubts: [],
          variables: [],
          confirm: (item.confirm_text ?? null) !== null,
          confirm_text: null,
          retry: 0,
          capture: null,
          background: false,
          interactive: true,
          terminal_rows: null,
          session_input: [],
          sample: null,
          ...rest,
          kind,
        };
        ids.push(item.id);
        body.push({ part: "item", value: item.id });
      }
      return {
        id,
        title: step.title,
        number: step.number ?? null,
        line,
        can_undo: ids.some((item) => items[item]?.kind === "undo"),
        no_return: step.noReturn ?? false,
        if_it_fails: step.fails ?? null,
        body,
        items: ids,
      };
    });
    return {
      phase: section.phase,
      heading: section.heading,
      level: section.level ?? 2,
      line: at,
      intro: section.intro ? [{ part: "html", value: section.intro }] : [],
      steps,
      outro: [],
    };
  });
  const links: LinkView[] = (spec.links ?? []).map(([text, url, place]) => ({
    text,
    url,
    place,
    opens: !url.startsWith("file:"),
  }));
  return {
    plays,
    view: {
      path: `${root}/${spec.relative}`,
      relative: spec.relative,
      library,
      trusted,
      revision: fakeHash(spec.relative + JSON.stringify(spec.sections)),
      title: spec.title,
      kind: spec.kind ?? null,
      severity: spec.severity ?? null,
      summary: spec.summary ?? null,
      outcome: spec.outcome ?? null,
      owner: spec.owner ?? null,
      tags: spec.tags ?? [],
      reviewed: spec.reviewed ?? null,
      refused: spec.refused ?? null,
      params: spec.params ?? [],
      environments: spec.environments ?? [],
      sections,
      items,
      links,
      problems: spec.problems ?? [],
      last_runs: [],
      runs: 0,
    },
  };
}
