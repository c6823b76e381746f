// The keys that there are, for the dialog that lists them. Only those that do something today.

export interface KeyGroup {
  where: string;
  keys: [string[], string][];
}

export const keyGroups: KeyGroup[] = [
  {
    where: "Everywhere",
    keys: [
      [["Ctrl", "K"], "find or do: anything by a few letters (Ctrl Shift K from a terminal)"],
      [["/"], "search here"],
      [["?"], "all keys"],
      [["Esc"], "back"],
      [["Ctrl", "J"], "panel at the right, in narrow windows"],
      [["W"], "runs under way (Ctrl Shift L from a terminal)"],
      [["Ctrl", ","], "settings"],
      [["Ctrl", "Z"], "take back what a message at the edge offers to"],
    ],
  },
  {
    where: "Lists",
    keys: [
      [["J", "K"], "down, up (or the arrows)"],
      [["Enter"], "start a run, open a run"],
      [["V"], "report of a run"],
      [["C"], "of two runs: compare them"],
      [["T"], "take a run that was handed over"],
      [["D"], "rehearse a runbook"],
      [["E"], "edit a runbook"],
      [["C"], "new runbook"],
      [["P"], "pin a runbook, or take the pin away"],
      [["F2"], "rename or move a runbook"],
      [["Del"], "move a runbook to the system's bin"],
    ],
  },
  {
    where: "Find or do",
    keys: [
      [["Enter"], "return to the run, open the start sheet or the link, show the entry, do it"],
      [["Tab"], "other actions on it; Tab goes back"],
      [[">"], "before it: only actions"],
      [["@"], "before it: only access entries"],
      [["#"], "before it: only what has such a tag"],
    ],
  },
  {
    where: "Links",
    keys: [
      [["1 to 9"], "open a pinned link"],
      [["/"], "filter, or two letters; Enter opens"],
      [["Enter"], "open the link in hand"],
      [["Y"], "copy its address"],
      [["P"], "pin it, or take the pin away"],
      [["E"], "edit it"],
      [["C"], "new link"],
      [["Del"], "remove it"],
      [["A"], "open all that are shown, or all of its group"],
      [["I"], "import bookmarks"],
    ],
  },
  {
    where: "Run",
    keys: [
      [["Space"], "tick the check in hand, or take the tick back"],
      [["Enter"], "run the command in hand"],
      [["S"], "skip it, with a reason"],
      [["F"], "fail the check in hand"],
      [["N"], "add a note"],
      [["P"], "pause, resume"],
      [["H"], "hand over, to another machine"],
      [["V"], "the report"],
      [["I"], "mark a moment of an incident"],
      [["U"], "write a status update of an incident"],
      [["R"], "the plan of a rollback; it starts nothing"],
      [["1 to 9"], "open a link of the runbook"],
      [["[", "]"], "the run under way before, after this one"],
    ],
  },
  {
    where: "Access",
    keys: [
      [["Enter"], "connect in a terminal, or go to it; open the address of a page"],
      [["⇧", "Enter"], "connect in another terminal"],
      [["Ctrl", "⇧", "PgDn"], "the next terminal; Ctrl ⇧ PgUp the one before"],
      [["U"], "copy the user"],
      [["Y"], "copy the secret; it is taken off after 30 s"],
      [["V"], "reveal the secret for 15 s, or hide it"],
      [["T"], "show the one-time code"],
      [["O"], "open the address in the browser"],
      [["C"], "new entry"],
      [["E"], "edit"],
      [["Del"], "remove"],
      [["Ctrl", "L"], "hide secrets, take a copied one off, lock the vault"],
    ],
  },
  {
    where: "Failed step",
    keys: [
      [["Enter"], "try again"],
      [["E"], "edit it for this run and try again; Ctrl Enter runs it"],
      [["M"], "mark done, with a reason"],
      [["S"], "skip it, with a reason"],
      [["R"], "the plan of a rollback; it starts nothing"],
    ],
  },
  {
    where: "Report",
    keys: [
      [["T"], "timeline: notable only, or every event"],
      [["G"], "open the run"],
      [["X"], "changes that it suggests for the runbook"],
      [["Ctrl", "P"], "print, or save as PDF by the system's dialog"],
    ],
  },
  {
    where: "Editor",
    keys: [
      [["Ctrl", "S"], "save"],
      [["/"], "step, check, command, probe and more; guidance goes"],
      [["Ctrl", "Space"], "words that fit here"],
      [["F8"], "next problem; Shift F8 the one before"],
      [["Ctrl", "."], "fix the problem in hand"],
      [["Ctrl", "Enter"], "try the block at the cursor"],
      [["Ctrl", "D"], "rehearse"],
      [["Ctrl", "I"], "what stands at the cursor means (or F1)"],
      [["Ctrl", "F"], "find; Enter the next match, Shift Enter the one before"],
      [["Ctrl", "H"], "replace; Enter this one, Ctrl Alt Enter all"],
      [["Alt", "C"], "while finding: case; Alt W whole words, Alt R expression"],
      [["Ctrl", "⇧", "G"], "go to a line"],
      [["Ctrl", "⇧", "O"], "outline"],
      [["Ctrl", "⇧", "H"], "history"],
      [["Ctrl", "⇧", "M"], "list of problems"],
      [["Ctrl", "⇧", "["], "fold; Ctrl ⇧ ] unfolds"],
      [["Ctrl", "J"], "preview"],
      [["Alt", "Z"], "wrap long lines"],
      [["Esc", "Tab"], "leave the text: Tab alone indents"],
    ],
  },
  {
    where: "Terminal",
    keys: [
      [["Ctrl", "Shift", "Esc"], "leave the terminal: every other key is the command's"],
      [["Ctrl", "Shift", "C"], "copy what is selected; Ctrl Shift V pastes"],
    ],
  },
];
