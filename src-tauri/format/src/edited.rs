//! An item whose command was edited for one run: the same block with another text.

use crate::{
    Item, ItemKind, Knowledge, Program, Runbook,
    compare::line_hunks,
    model::{Block, Edit, Span},
    prompts,
};

/// The item with another script. Everything but what follows from the script is as it was: its name, its attributes,
/// its guards. Placeholders, doubts and variables are those of the new text.
///
/// # Errors
/// One sentence: the text is empty, the item runs nothing, or the text does not read as a command.
pub fn edited(item: &Item, text: &str) -> Result<Item, &'static str> {
    if !matches!(item.kind, ItemKind::Command | ItemKind::Probe | ItemKind::Undo) {
        return Err("this is nothing that runs: there is no command to edit");
    }
    let script = text.trim_end_matches(['\r', '\n']);
    if script.trim().is_empty() {
        return Err("the edited command is empty: write what is to run, or skip the item");
    }
    let language = match &item.program {
        // The languages of sessions stand for a shell with prompts before its lines; what is edited has none.
        Program::AnyShell => "shell",
        _ => item.language.as_str(),
    };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let block = format!("{fence}{language} {{name=edited}}\n{script}\n{fence}\n");
    let runbook = crate::parse("", block.as_bytes());
    let Some((_, _, read)) = runbook.items().find(|(_, _, read)| read.id == "edited") else {
        return Err("the edited text does not read as a command: it is empty, or holds only comments or output");
    };
    Ok(Item {
        script: read.script.clone(),
        placeholders: read.placeholders.clone(),
        placeholder_spans: read.placeholder_spans.clone(),
        doubts: read.doubts.clone(),
        doubt_spans: read.doubt_spans.clone(),
        variables: read.variables.clone(),
        sets: read.sets.clone(),
        session_input: read.session_input.clone(),
        input_placeholders: read.input_placeholders.clone(),
        input_spans: read.input_spans.clone(),
        opens_session: read.opens_session,
        sample: None,
        hash: read.hash.clone(),
        ..item.clone()
    })
}

const GONE: &str = "the file has no such item any more: look where it went, and put the command in by hand";
const UNFENCED: &str =
    "its block has no fence, so nobody can tell for certain where it ends: put the command in by hand";
const UNCLEAR: &str = "its block is written in a way that cannot be changed line by line: put the command in by hand";
const SPREADS: &str = "in this block the new text would change what stands around it: put the command in by hand, in a block of its own";

/// The edits that put another text in the place of an item's script in its file, line by line: prompts, sample output,
/// indentation, line ends, attributes and all that stands around stay; the fence becomes longer only where the text holds
/// one of its own. `runbook` is what `bytes` parse to. None where the file says so already.
///
/// # Errors
/// One sentence why the text cannot be put there: as for [`edited`], the item is gone, or its block is not one whose lines
/// can be told apart for certain.
pub fn rewritten(
    runbook: &Runbook,
    bytes: &[u8],
    knowledge: &Knowledge,
    id: &str,
    text: &str,
) -> Result<Vec<Edit>, &'static str> {
    let (_, _, item) = runbook.item(id).ok_or(GONE)?;
    let wanted = edited(item, text)?;
    let text = text.replace("\r\n", "\n");
    let text = text.trim_end_matches('\n');
    if wanted.script == item.script {
        return Ok(Vec::new());
    }
    let block = runbook.blocks.iter().find(|block| block.span == item.span).ok_or(UNFENCED)?;
    let lines = Lines::of(bytes, block).ok_or(UNCLEAR)?;
    let edits = lines.edits(item, text).ok_or(UNCLEAR)?;
    let result = crate::apply(bytes, &edits).map_err(|_| UNCLEAR)?;
    let after = crate::parse_with("", &result, knowledge);
    let others = |runbook: &Runbook| -> Vec<(String, String)> {
        let items = runbook.items().filter(|(_, _, other)| other.id != id);
        items.map(|(_, _, other)| (other.id.clone(), other.hash.clone())).collect()
    };
    let fits = after.item(id).is_some_and(|(_, _, found)| {
        found.script == wanted.script && found.options == item.options && found.refused == item.refused
    });
    if fits && others(&after) == others(runbook) { Ok(edits) } else { Err(SPREADS) }
}

/// A line within a fence.
struct Line<'a> {
    /// Where it begins in the file.
    start: usize,
    /// What the containers around the fence put before it.
    prefix: &'a str,
    /// What CommonMark gives.
    code: &'a str,
    /// Where the next one begins.
    end: usize,
}

/// The lines of a fenced block.
struct Lines<'a> {
    span: Span,
    opening: &'a str,
    /// The line that closes it, and where it begins.
    closing: (&'a str, usize),
    /// `\n`, `\r\n` or `\r`.
    end: &'a str,
    content: Vec<Line<'a>>,
    prompted: bool,
}

/// Where a line of the script stands.
struct Place {
    /// Which line of the block.
    line: usize,
    /// Bytes of the prompt before it.
    lead: usize,
}

impl<'a> Lines<'a> {
    fn of(bytes: &'a [u8], block: &'a Block) -> Option<Self> {
        let text = std::str::from_utf8(bytes.get(block.span.start..block.span.end)?).ok()?;
        let mut raw: Vec<(usize, &str, &str)> = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let rest = text.get(start..)?;
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            let (line, behind) = rest.split_at(length);
            let end = ["\r\n", "\n", "\r"].into_iter().find(|end| behind.starts_with(end)).unwrap_or_default();
            raw.push((block.span.start + start, line, behind.get(..end.len())?));
            start += length + end.len();
        }
        let (closing, inner) = raw.split_last().filter(|(_, inner)| !inner.is_empty())?;
        let (opening, content) = inner.split_first()?;
        let codes: Vec<&str> = block.text.lines().collect();
        if codes.len() != content.len() {
            return None;
        }
        let content = content.iter().zip(codes).map(|((start, line, end), code)| {
            let prefix = line.strip_suffix(code)?;
            Some(Line { start: *start, prefix, code, end: start + line.len() + end.len() })
        });
        Some(Self {
            span: block.span,
            opening: opening.1,
            closing: (closing.1, closing.0),
            end: opening.2,
            content: content.collect::<Option<_>>()?,
            prompted: prompts::is_prompted(&block.text),
        })
    }

    /// Where each line of the script stands.
    fn places(&self, script: &[&str], continued: &[bool]) -> Option<Vec<Place>> {
        let mut next = 0;
        let mut places = Vec::with_capacity(script.len());
        for (part, continued) in script.iter().zip(continued) {
            let lead = |line: &Line<'_>| match (self.prompted, continued) {
                (false, _) => (line.code == *part).then_some(0),
                (true, false) => prompts::after_prompt(line.code)
                    .filter(|rest| rest == part)
                    .map(|rest| line.code.len() - rest.len()),
                (true, true) if line.code == *part && !part.starts_with("> ") => Some(0),
                (true, true) => {
                    let rest = line.code.strip_prefix("> ").or_else(|| (line.code == ">").then_some(""));
                    rest.filter(|rest| rest == part).map(|rest| line.code.len() - rest.len())
                }
            };
            let mut left = self.content.iter().enumerate().skip(next);
            // Between commands stand their output and comments; a command that goes on does so on the next line.
            let found = if self.prompted && !continued {
                left.find_map(|(line, content)| Some((line, lead(content)?)))
            } else {
                left.next().and_then(|(line, content)| Some((line, lead(content)?)))
            };
            let (line, lead) = found?;
            places.push(Place { line, lead });
            next = line + 1;
        }
        Some(places)
    }

    fn edits(&self, item: &Item, text: &str) -> Option<Vec<Edit>> {
        let (old, new): (Vec<&str>, Vec<&str>) = (item.script.split('\n').collect(), text.split('\n').collect());
        let (goes_on, will_go_on) = (prompts::continued(&item.script), prompts::continued(text));
        let places = self.places(&old, &goes_on)?;
        let prompt = places.first().and_then(|place| self.content.get(place.line)?.code.get(..place.lead))?;
        let prefix = self.content.iter().find(|line| !line.code.trim().is_empty())?.prefix;
        let lead = |index: usize| match (self.prompted, will_go_on.get(index)) {
            (false, _) => "",
            (true, Some(true)) => "> ",
            (true, _) => prompt,
        };
        let mut edits = self.fences(&new)?;
        for (before, after) in line_hunks(&old, &new) {
            let both = before.len().min(after.len());
            for (index, coming) in before.clone().zip(after.clone()) {
                let place = places.get(index)?;
                let line = self.content.get(place.line)?;
                let from = line.start + line.prefix.len();
                let end = from + line.code.len();
                // A line that stays first, or stays one that goes on, keeps its prompt as it is written.
                let keeps = goes_on.get(index) == will_go_on.get(coming);
                let (start, lead) = if keeps { (from + place.lead, "") } else { (from, lead(coming)) };
                let text = format!("{lead}{}", new.get(coming)?);
                edits.push(Edit { span: Span { start, end }, text });
            }
            for index in before.clone().skip(both) {
                let line = self.content.get(places.get(index)?.line)?;
                edits.push(Edit { span: Span { start: line.start, end: line.end }, text: String::new() });
            }
            // Lines that go on with a command stand right behind it, before what it printed.
            let coming: Vec<usize> = after.skip(both).collect();
            let behind = (before.start + both).checked_sub(1).and_then(|index| places.get(index));
            let going_on = coming.iter().take_while(|index| will_go_on.get(**index) == Some(&true)).count();
            let split = if behind.is_some() { going_on } else { 0 };
            let (first, rest) = coming.split_at_checked(split)?;
            let first_at = behind.and_then(|place| Some(self.content.get(place.line)?.end));
            for (indices, at) in [(first, first_at), (rest, self.place_behind(&places, before.end))] {
                let mut come = String::new();
                for index in indices {
                    let part = new.get(*index)?;
                    let line = format!("{prefix}{}{part}", lead(*index));
                    come.push_str(if part.is_empty() { line.trim_end() } else { &line });
                    come.push_str(self.end);
                }
                if !come.is_empty() {
                    let at = at?;
                    edits.push(Edit { span: Span { start: at, end: at }, text: come });
                }
            }
        }
        Some(edits)
    }

    /// Where a line goes that stands before the script's line of this number.
    fn place_behind(&self, places: &[Place], number: usize) -> Option<usize> {
        if let Some(place) = places.get(number) {
            return Some(self.content.get(place.line)?.start);
        }
        let last = match (self.prompted, places.last()) {
            // Behind what the last command printed.
            (true, _) => self.content.iter().rposition(|line| !line.code.trim().is_empty())?,
            (false, last) => last?.line,
        };
        Some(self.content.get(last)?.end)
    }

    /// Longer fences, where a line of the text would close the block.
    fn fences(&self, new: &[&str]) -> Option<Vec<Edit>> {
        let sign = self.opening.chars().next().filter(|sign| matches!(sign, '`' | '~'))?;
        let length = |text: &str| text.len() - text.trim_start_matches(sign).len();
        let own = length(self.opening);
        let closes = |line: &&str| {
            let rest = line.trim();
            let run = length(rest);
            (run >= own && run == rest.len()).then_some(run)
        };
        let Some(longest) = new.iter().filter_map(closes).max() else { return Some(Vec::new()) };
        let (closing, start) = self.closing;
        let more = sign.to_string().repeat(longest + 1 - own);
        let end = start + closing.trim_end().len();
        let at = self.span.start + own;
        Some(vec![
            Edit { span: Span { start: at, end: at }, text: more.clone() },
            Edit { span: Span { start: end, end }, text: more },
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Item {
        let runbook = crate::parse("a.md", text.as_bytes());
        let item = runbook.items().next().map(|(_, _, item)| item.clone());
        item.unwrap()
    }

    #[test]
    fn an_edited_command_keeps_its_block_and_takes_what_follows_from_its_text() {
        let before = item("```sh {name=copy timeout=5s retry=2}\ncp <from> /tmp\n```\n");
        let after = edited(&before, "cp -a <from> \"<to>\"\necho `date` ```\n").unwrap();
        assert_eq!(after.script, "cp -a <from> \"<to>\"\necho `date` ```");
        assert_eq!(after.placeholders, ["from", "to"]);
        assert_eq!((after.id.as_str(), after.kind), ("copy", ItemKind::Command));
        assert_eq!(after.options, before.options);
        assert_ne!(after.hash, before.hash);
    }

    #[test]
    fn a_session_is_edited_without_its_prompts() {
        let before = item("```console\n$ uname -a\nLinux\n```\n");
        let after = edited(&before, "uname -r").unwrap();
        assert_eq!((after.script.as_str(), after.sample), ("uname -r", None));
        assert_eq!(after.program, Program::AnyShell);
    }

    #[test]
    fn what_is_no_command_is_refused_with_a_sentence() {
        let command = item("```sh\ntrue\n```\n");
        assert!(edited(&command, " \n").unwrap_err().contains("empty"));
        assert!(edited(&item("- [ ] look\n"), "true").unwrap_err().contains("nothing that runs"));
    }

    fn put(before: &str, id: &str, text: &str) -> Result<String, &'static str> {
        let knowledge = Knowledge::default();
        let runbook = crate::parse_with("", before.as_bytes(), &knowledge);
        let edits = rewritten(&runbook, before.as_bytes(), &knowledge, id, text)?;
        Ok(crate::apply_text(before, &edits).unwrap())
    }

    #[test]
    fn an_edited_command_goes_into_its_fence_and_everything_around_it_stays() {
        for (before, text, after) in [
            ("```sh {name=x}\na\n```\n", "b", "```sh {name=x}\nb\n```\n"),
            ("```sh {name=x}\na\nb\nc\n```\n", "a\nc", "```sh {name=x}\na\nc\n```\n"),
            ("```sh {name=x}\na\n\n\n```\nend", "a\nb", "```sh {name=x}\na\nb\n\n\n```\nend"),
            // Line ends.
            (
                "x\r\n\r\n~~~sh {name=x}\r\na\r\nb\r\n~~~\r\n",
                "a\nz\nb\nc\n",
                "x\r\n\r\n~~~sh {name=x}\r\na\r\nz\r\nb\r\nc\r\n~~~\r\n",
            ),
            // In a list, in a quotation.
            (
                "1. One\n\n   ```sh {name=x}\n   a\n     b\n   ```\n\n   more\n",
                "a\n  b\n\nc",
                "1. One\n\n   ```sh {name=x}\n   a\n     b\n\n   c\n   ```\n\n   more\n",
            ),
            ("> ```sh {name=x}\n> a\n> ```\n", "b\n\nc", "> ```sh {name=x}\n> b\n>\n> c\n> ```\n"),
            // Prompts and what was printed.
            (
                "```console {name=x}\n$ a -l\nout\n# then\n$ b\nmore\n```\n",
                "a -la\nb",
                "```console {name=x}\n$ a -la\nout\n# then\n$ b\nmore\n```\n",
            ),
            (
                "```console {name=x}\n$ a\nout\n```\n",
                "a \\\n  -l\nb",
                "```console {name=x}\n$ a \\\n>   -l\nout\n$ b\n```\n",
            ),
            (
                "```console {name=x}\n$ a \\\n>  -l\nout\n```\n",
                "a \\\n -x\nb",
                "```console {name=x}\n$ a \\\n>  -x\nout\n$ b\n```\n",
            ),
            // A text with fences of its own.
            ("```sh {name=x}\na\n```\n", "cat <<E\n```\nE", "````sh {name=x}\ncat <<E\n```\nE\n````\n"),
            // What is input for a session stays.
            ("```sh {name=x}\nssh one\nuptime\n```\n", "ssh two", "```sh {name=x}\nssh two\nuptime\n```\n"),
        ] {
            assert_eq!(put(before, "x", text).as_deref(), Ok(after), "{before}");
        }
    }

    #[test]
    fn what_cannot_be_put_there_is_said() {
        for (before, id, text, sentence) in [
            ("```sh {name=x}\na\n```\n", "y", "b", GONE),
            ("```sh {name=x}\nssh one\nuptime\n```\n", "x", "ls", SPREADS),
        ] {
            assert_eq!(put(before, id, text), Err(sentence), "{before}");
        }
        assert_eq!(put("```sh {name=x}\na\n```\n", "x", "a\n"), Ok("```sh {name=x}\na\n```\n".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn all_bytes_outside_the_block_stay_and_the_file_says_what_was_asked(
            old in proptest::collection::vec("[a-c] ?[x>$#`]{0,3}", 1..6),
            new in proptest::collection::vec("([a-d] ?[x>$#`~]{0,3}|```|)", 1..6),
            indent in 0_usize..5, quoted: bool, returns: bool, prompts: bool, tildes: bool,
        ) {
            let end = if returns { "\r\n" } else { "\n" };
            let prefix = format!("{}{}", if quoted { "> " } else { "" }, " ".repeat(if quoted { 0 } else { indent }));
            let fence = if tildes { "~~~" } else { "```" };
            let prompt = if prompts { "$ " } else { "" };
            let mut block = format!("{fence}sh {{name=x}}{end}");
            for line in &old {
                block += &format!("{prefix}{prompt}{line}{end}");
            }
            block += &format!("{prefix}{fence}");
            let head = format!("# A{end}{end}{}", if indent > 0 && !quoted { format!("{:<indent$}", "-") } else { prefix.clone() });
            let tail = format!("{end}{end}text \u{fc} `x`{end}{end}```sh {{name=other}}{end}true{end}```{end}");
            let before = format!("{head}{block}{tail}");
            let text = new.join("\n");
            let knowledge = Knowledge::default();
            let runbook = crate::parse_with("", before.as_bytes(), &knowledge);
            proptest::prop_assume!(runbook.item("x").is_some());
            if let Ok(after) = put(&before, "x", &text) {
                proptest::prop_assert!(after.starts_with(&head), "{after}");
                proptest::prop_assert!(after.ends_with(&tail), "{after}");
                let read = crate::parse_with("", after.as_bytes(), &knowledge);
                let script = read.item("x").map(|(_, _, item)| item.script.clone());
                let wanted = edited(runbook.item("x").unwrap().2, &text).unwrap().script;
                proptest::prop_assert_eq!(script, Some(wanted));
                proptest::prop_assert!(read.item("other").is_some());
            }
        }
    }
}
