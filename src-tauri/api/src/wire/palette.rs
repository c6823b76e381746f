//! The palette, as it crosses to a face.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What is looked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct PaletteQuery {
    /// As it was typed. `>` before it looks only for actions, `@` only for access entries, `#` only for what has such a tag.
    /// Empty gives what was chosen last.
    pub text: String,
    /// At most so many hits, 100 at most; 20 where it is 0.
    pub limit: u64,
    /// What the face itself can do now: ranked among the rest.
    pub actions: Vec<PaletteAction>,
}

/// Something that a face can do.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct PaletteAction {
    /// Its name for the face; never changes, so that it can be learnt.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What stands beside it.
    #[serde(default)]
    pub beside: String,
    /// Other words for it.
    #[serde(default)]
    pub words: String,
}

/// The keys that call the palette from wherever a person is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ShortcutView {
    /// This display lets a program hold keys.
    pub possible: bool,
    /// Why those that were chosen are not held, or none can be.
    pub trouble: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PaletteList {
    /// The best first; what was chosen last where nothing was typed.
    pub hits: Vec<PaletteHit>,
}

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PaletteKind {
    /// A run under way.
    Run,
    /// A runbook of the library.
    Runbook,
    /// A link that a person keeps, or that a runbook names.
    Link,
    /// An access entry.
    Access,
    /// A step of a runbook.
    Step,
    /// Something that the face can do.
    Action,
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PaletteHit {
    /// What kind of thing.
    pub kind: PaletteKind,
    /// Which: the id of a run, a link or an action, the path of a runbook or of that of a step or of its own link, the name of an
    /// access entry.
    pub id: String,
    /// Which step, by its title; which link of a runbook, by its address as it is written. Empty for everything else.
    pub part: String,
    /// The line where a step begins, from 1.
    pub line: Option<u64>,
    /// What it is called, with `\u{2}` before and `\u{3}` after each piece that was typed.
    pub title: String,
    /// What stands beside it, marked in the same way.
    pub beside: String,
    /// The kind of an access entry.
    pub entry_kind: Option<String>,
    /// The parameters of a link that have no value by themselves, each once.
    pub asks: Vec<String>,
}

/// A hit that a person chose.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PaletteChoice {
    /// What was typed when it was chosen.
    pub text: String,
    /// What kind of thing.
    pub kind: PaletteKind,
    /// Which, as the hit says it.
    pub id: String,
    /// Which part of it, as the hit says it.
    #[serde(default)]
    pub part: String,
}
