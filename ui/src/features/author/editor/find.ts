// Find and replace: a panel over the text, worked by keys alone. It says how many matches there are and which one is in
// hand; counting never holds up a key.

import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  openSearchPanel,
  replaceAll,
  replaceNext,
  search,
  searchKeymap,
  SearchQuery,
  selectMatches,
  setSearchQuery,
} from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { EditorView, keymap, runScopeHandlers, type Command, type Panel, type ViewUpdate } from "@codemirror/view";

import type { LineEnd } from "./exact";
import { said, Tally } from "./tally";

/** So long the text has to rest before its matches are counted anew. */
const REST_MS = 150;
/** So long one slice of counting may take. */
const SLICE_MS = 6;

/** In a file with carriage returns `\n` finds an end of line all the same; within brackets it is what it says. */
export function forLineEnd(words: string, regexp: boolean, end: LineEnd): string {
  if (end === "\n") return words;
  let bracket = false;
  let before = "";
  return words.replace(/\\r\\n|\\[^]|[[\]]/g, (sign) => {
    const after = before;
    before = sign;
    if (regexp && sign === "[") bracket = true;
    if (regexp && sign === "]") bracket = false;
    if (sign !== "\\n" || bracket || after === "\\r") return sign;
    return regexp ? "(?:\\r?\\n)" : "\\r\\n";
  });
}

interface Toggle {
  name: "case" | "word" | "re";
  sign: string;
  label: string;
  key: string;
}

const TOGGLES: readonly Toggle[] = [
  { name: "case", sign: "Aa", label: "Match case", key: "C" },
  { name: "word", sign: "W", label: "Whole words", key: "W" },
  { name: "re", sign: ".*", label: "Regular expression", key: "R" },
];

class FindPanel implements Panel {
  readonly dom = document.createElement("div");
  readonly top = true;
  private readonly field = input("search", "Find");
  private readonly replacement = input("replace", "Replace with");
  private readonly status = document.createElement("span");
  private readonly toggles = new Map<Toggle["name"], HTMLButtonElement>();
  private query: SearchQuery;
  private tally: Tally | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;
  /** Where the caret was when one began to type into the field. */
  private anchor: number | null = null;
  private seeking = false;

  constructor(
    private readonly view: EditorView,
    private readonly end: LineEnd,
  ) {
    this.query = getSearchQuery(view.state);
    this.field.setAttribute("main-field", "true");
    this.status.className = "cm-found";
    this.status.setAttribute("role", "status");
    this.status.dataset["testid"] = "find-count";
    this.dom.className = "cm-search";
    this.dom.setAttribute("role", "search");
    this.dom.setAttribute("aria-label", "Find and replace");
    this.dom.dataset["testid"] = "find";
    const finds = row(this.field);
    for (const toggle of TOGGLES) {
      const made = button(toggle.name, toggle.sign, `${toggle.label} (Alt ${toggle.key})`, () => this.toggle(toggle));
      made.setAttribute("aria-label", toggle.label);
      made.setAttribute("aria-keyshortcuts", `Alt+${toggle.key}`);
      this.toggles.set(toggle.name, made);
      finds.append(made);
    }
    finds.append(
      this.status,
      arrow("prev", "Previous match", "Shift Enter", () => findPrevious(view)),
      arrow("next", "Next match", "Enter", () => findNext(view)),
      gap(),
      closer(() => closeSearchPanel(view)),
    );
    this.dom.append(finds);
    const all = button("select", "Select all", "Select all matches (Alt Enter)", () => this.selectAll());
    if (view.state.readOnly) finds.append(all);
    else
      this.dom.append(
        row(
          this.replacement,
          button("replace", "Replace", "Replace this match (Enter)", () => replaceNext(view), "⏎"),
          button("replaceAll", "Replace all", "Replace all (Ctrl Alt Enter)", () => replaceAll(view), "Ctrl Alt ⏎"),
          all,
        ),
      );
    this.field.addEventListener("input", () => this.typed());
    this.replacement.addEventListener("input", () => this.commit());
    this.dom.addEventListener("keydown", (event) => this.keydown(event));
    this.show();
    this.count(0);
  }

  mount(): void {
    this.field.focus();
    this.field.select();
  }

  destroy(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  update(update: ViewUpdate): void {
    const query = getSearchQuery(update.state);
    const other = !query.eq(this.query);
    if (other) {
      this.query = query;
      this.show();
    }
    if (other || update.docChanged) this.count(other ? 0 : REST_MS);
    else if (update.selectionSet) this.say();
  }

  private typed(): void {
    this.seek();
    this.commit();
  }

  private toggle(toggle: Toggle): void {
    const made = this.toggles.get(toggle.name);
    made?.setAttribute("aria-pressed", String(made.getAttribute("aria-pressed") !== "true"));
    this.seek();
    this.commit();
  }

  /** What is looked for now is gone to when it is found, from where the caret was before. */
  private seek(): void {
    this.anchor ??= this.view.state.selection.main.from;
    this.seeking = true;
  }

  private pressed(name: Toggle["name"]): boolean {
    return this.toggles.get(name)?.getAttribute("aria-pressed") === "true";
  }

  private commit(): void {
    const regexp = this.pressed("re");
    const query = new SearchQuery({
      search: forLineEnd(this.field.value, regexp, this.end),
      caseSensitive: this.pressed("case"),
      wholeWord: this.pressed("word"),
      regexp,
      replace: this.replacement.value,
    });
    if (query.eq(this.query)) return;
    const before = new SearchQuery({ ...this.query, replace: query.replace });
    this.query = query;
    this.view.dispatch({ effects: setSearchQuery.of(query) });
    if (!query.eq(before)) this.count(0);
  }

  /** Shows a query that came from elsewhere: what was selected when the panel was opened. */
  private show(): void {
    const { query } = this;
    const shown = forLineEnd(this.field.value, query.regexp, this.end);
    // An end of line within what is selected comes as its two halves; a field holds no carriage return.
    if (shown !== query.search) this.field.value = query.search.replace(/\r/g, "").replace(/\\r\\n/g, "\\n");
    if (this.replacement.value !== query.replace) this.replacement.value = query.replace;
    for (const [name, on] of [
      ["case", query.caseSensitive],
      ["word", query.wholeWord],
      ["re", query.regexp],
    ] as const)
      this.toggles.get(name)?.setAttribute("aria-pressed", String(on));
  }

  private selectAll(): void {
    if (selectMatches(this.view)) this.view.focus();
  }

  private keydown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (runScopeHandlers(this.view, event, "search-panel") || this.pressedKey(event)) {
      event.preventDefault();
      // The screen has an Escape of its own.
      event.stopPropagation();
    }
  }

  private pressedKey(event: KeyboardEvent): boolean {
    const control = event.ctrlKey || event.metaKey;
    if (event.altKey && !control && !event.shiftKey) {
      const toggle = TOGGLES.find((one) => event.code === `Key${one.key}`);
      if (toggle) this.toggle(toggle);
      else if (event.key === "Enter") this.selectAll();
      else return false;
      return true;
    }
    if (event.key !== "Enter") return false;
    if (control && event.altKey) return (replaceAll(this.view), true);
    if (control || event.altKey || event.target instanceof HTMLButtonElement) return false;
    this.anchor = null;
    if (event.target === this.replacement && !event.shiftKey) replaceNext(this.view);
    else if (event.shiftKey) findPrevious(this.view);
    else findNext(this.view);
    return true;
  }

  /** Counts the matches, after a while in slices that let keys through. */
  private count(after: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (!this.query.valid) {
      this.tally = null;
      this.seeking = false;
      this.say();
      return;
    }
    this.timer = setTimeout(() => {
      const { query, view } = this;
      this.tally = new Tally(query.getCursor(view.state));
      this.slice(this.tally);
    }, after);
  }

  private slice(tally: Tally): void {
    const until = performance.now() + SLICE_MS;
    let looked = 0;
    // The clock is asked now and then: it costs more than a match.
    tally.run(() => (looked += 1) % 16 === 0 && performance.now() > until);
    this.goTo(tally);
    this.say();
    this.timer = tally.done ? null : setTimeout(() => this.slice(tally), 0);
  }

  /** Goes to the first match behind where the caret was; round the end where there is none. */
  private goTo(tally: Tally): void {
    if (!this.seeking) return;
    const found = tally.first(this.anchor ?? 0) ?? (tally.done ? tally.first(0) : null);
    this.seeking = found === null && !tally.done;
    if (!found) return;
    this.view.dispatch({
      selection: { anchor: found.from, head: found.to },
      effects: EditorView.scrollIntoView(found.from, { y: "center" }),
      userEvent: "select.search",
    });
  }

  private say(): void {
    const bad = this.query.search !== "" && !this.query.valid;
    this.field.setAttribute("aria-invalid", String(bad));
    this.status.classList.toggle("is-bad", bad || (this.tally?.done === true && this.tally.from.length === 0));
    this.status.textContent = bad ? "not an expression" : this.tally ? this.number(this.tally) : "";
  }

  private number(tally: Tally): string {
    const { from, to } = this.view.state.selection.main;
    return said(tally, tally.at(from, to));
  }
}

function input(name: string, label: string): HTMLInputElement {
  const field = document.createElement("input");
  field.type = "text";
  field.name = name;
  field.className = "input";
  field.placeholder = label;
  field.setAttribute("aria-label", label);
  field.autocomplete = "off";
  field.spellcheck = false;
  return field;
}

function button(name: string, text: string, title: string, run: () => void, key = ""): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.name = name;
  made.className = "btn btn--s btn--quiet";
  made.title = title;
  made.append(text);
  if (key !== "") {
    const hint = document.createElement("kbd");
    hint.setAttribute("aria-hidden", "true");
    hint.textContent = key;
    made.append(hint);
  }
  made.addEventListener("click", run);
  return made;
}

function arrow(name: "prev" | "next", label: string, key: string, run: () => void): HTMLButtonElement {
  const made = button(name, "", `${label} (${key})`, run);
  made.classList.add("btn--icon");
  made.setAttribute("aria-label", label);
  const icon = document.createElement("i");
  icon.className = "i i--12 i-chevron-down";
  made.append(icon);
  return made;
}

function closer(run: () => void): HTMLButtonElement {
  const made = button("close", "", "Close (Esc)", run);
  made.classList.add("btn--icon");
  made.setAttribute("aria-label", "Close find and replace");
  const icon = document.createElement("i");
  icon.className = "i i-x";
  made.append(icon);
  return made;
}

function gap(): HTMLElement {
  const made = document.createElement("span");
  made.className = "sp";
  return made;
}

function row(...parts: HTMLElement[]): HTMLElement {
  const made = document.createElement("div");
  made.className = "cm-find-row";
  made.append(...parts);
  return made;
}

/** Opens the panel with the field of the replacement in hand. */
export const openReplace: Command = (view) => {
  openSearchPanel(view);
  const field = view.dom.querySelector<HTMLInputElement>(".cm-search input[name='replace']");
  field?.focus();
  field?.select();
  return true;
};

/** Find and replace in a text with these line ends. */
export function findAndReplace(end: LineEnd): Extension {
  return [
    search({ top: true, createPanel: (view) => new FindPanel(view, end) }),
    keymap.of([
      { key: "Mod-h", run: openReplace, scope: "editor search-panel", preventDefault: true },
      ...searchKeymap.filter((binding) => binding.key !== "Mod-d"),
    ]),
  ];
}
