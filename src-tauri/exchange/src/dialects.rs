//! Files of other runners of Markdown: they run here as they are. What their own runner does otherwise is said.

mod mask;
mod runme;
mod xc;

#[cfg(test)]
mod tests;

use format::{Block, Item, Program, Runbook};

use crate::Difference;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// [Runme](https://docs.runme.dev).
    Runme,
    /// [xc](https://xcfile.dev).
    Xc,
    /// [mask](https://github.com/jacobdeichert/mask).
    Mask,
}

impl Dialect {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Runme => "Runme",
            Self::Xc => "xc",
            Self::Mask => "mask",
        }
    }

    /// How one of its tasks is run there.
    fn call(self) -> &'static str {
        match self {
            Self::Runme => "runme run NAME",
            Self::Xc => "xc TASK",
            Self::Mask => "mask COMMAND",
        }
    }
}

/// Whose file a runbook is, and what its runner does otherwise. `None`: nobody's in particular. `text` is what was parsed.
#[must_use]
pub fn dialect(runbook: &Runbook, text: &str) -> Option<(Dialect, Vec<Difference>)> {
    let (dialect, mut differences) = if let Some(found) = mask::differences(runbook, text) {
        (Dialect::Mask, found)
    } else if let Some(found) = xc::differences(runbook, text) {
        (Dialect::Xc, found)
    } else {
        (Dialect::Runme, runme::differences(runbook)?)
    };
    let path = Difference::new(
        "",
        format!(
            "`{}` runs the one that is named; here the path leads through all of them, in the order of the file. One alone: \
             `allgood run FILE --step NAME`.",
            dialect.call()
        ),
    );
    differences.insert(0, path);
    if dialect != Dialect::Runme {
        let carries = "each of them begins anew there; here what one exports, and the directory that it ends in, carry to the \
                       next.";
        differences.insert(1, Difference::new("", carries));
    }
    Some((dialect, differences))
}

fn at(line: usize, sentence: impl Into<String>) -> Difference {
    Difference::new(format!("line {line}"), sentence)
}

/// Every item that runs something, by where its block begins.
fn commands(runbook: &Runbook) -> impl Iterator<Item = &Item> {
    let steps = runbook.phases.iter().flat_map(|section| &section.steps);
    steps.flat_map(|step| &step.items).filter(|item| !item.script.is_empty())
}

/// What became of a block: it runs by itself, a person starts it, or it is shown alone.
fn said_of_block(block: &Block, item: Option<&Item>, runner: &str) -> Option<Difference> {
    match item {
        None => Some(at(
            block.line,
            format!(
                "{runner} runs this block; here it is shown and not run: write its language, such as `sh`, after its fence."
            ),
        )),
        Some(item) if item.guessed => Some(at(
            block.line,
            "this block has no language and was taken for a command: a person starts it, `--auto` stops before it. Write `sh` \
             after its fence.",
        )),
        Some(_) => None,
    }
}

/// The item that a block is.
fn item_of<'a>(runbook: &'a Runbook, block: &Block) -> Option<&'a Item> {
    commands(runbook).find(|item| item.span.start == block.span.start || item.line == block.line)
}

/// Whether a script of a shell uses its arguments (`$1`, `$@`).
fn uses_arguments(item: &Item) -> Option<String> {
    if !item.program.is_shell() || item.program == Program::PowerShell {
        return None;
    }
    let mut single = false;
    let mut characters = item.script.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => single = !single,
            '\\' if !single => drop(characters.next()),
            '$' if !single => {
                if characters.peek() == Some(&'{') {
                    characters.next();
                }
                if let Some(next) = characters.peek().copied().filter(|next| matches!(next, '1'..='9' | '@' | '*')) {
                    return Some(format!("${next}"));
                }
            }
            _ => {}
        }
    }
    None
}
