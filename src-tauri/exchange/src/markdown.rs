//! Text that becomes Markdown and means nothing more there than it did.

/// Stand around the name of a variable in text that becomes a paragraph; what else is a control character there is a blank.
pub(crate) const OPEN: char = '\u{1}';
/// See [`OPEN`].
pub(crate) const CLOSE: char = '\u{2}';

/// One line of text as inline Markdown: nothing in it marks anything up, and nothing in it is a variable.
pub(crate) fn inline(text: &str) -> String {
    line(text, |letter| letter.is_whitespace() || letter.is_control())
}

/// The same, with variables between [`OPEN`] and [`CLOSE`].
fn prose(text: &str) -> String {
    let written =
        line(text, |letter| letter.is_whitespace() || letter.is_control() && !matches!(letter, OPEN | CLOSE));
    written.replace(OPEN, "{{").replace(CLOSE, "}}")
}

fn line(text: &str, blank: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        escape(word, &mut out);
    }
    out
}

/// Text of several lines as paragraphs, with variables between [`OPEN`] and [`CLOSE`]. What would begin a heading, a list, a
/// quote or a block of code begins none.
pub(crate) fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let plain = prose(line);
        if begins_a_block(&plain) {
            out.push('\\');
            out.push_str(&plain);
        } else if let Some(at) = number_of_a_list(&plain) {
            let (number, rest) = plain.split_at(at);
            out.push_str(number);
            out.push('\\');
            out.push_str(rest);
        } else {
            out.push_str(&plain);
        }
        out.push('\n');
    }
    let mut tidy = out.trim_matches('\n').to_owned();
    while tidy.contains("\n\n\n") {
        tidy = tidy.replace("\n\n\n", "\n\n");
    }
    tidy
}

/// Markdown as plain text, as far as a backslash takes the meaning of the next letter away: what [`paragraphs`] wrote comes back.
/// Code stays as it is.
pub(crate) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fence: Option<String> = None;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let ticks: String = bare.chars().take_while(|letter| matches!(letter, '`' | '~')).collect();
        match &fence {
            Some(open) if bare == ticks && ticks.starts_with(open.as_str()) => fence = None,
            None if ticks.len() >= 3 && !bare[ticks.len()..].contains('`') => fence = Some(ticks),
            Some(_) => {}
            None => {
                unescape_line(line, &mut out);
                continue;
            }
        }
        out.push_str(line);
    }
    out
}

fn unescape_line(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['\\', '`']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\\') {
            // One at the end of a line ends it, as the line end does.
            if after.starts_with('\n') {
                rest = after;
                continue;
            }
            let next = after.chars().next().filter(char::is_ascii_punctuation);
            match next {
                Some(letter) => out.push(letter),
                None => out.push('\\'),
            }
            rest = &after[next.map_or(0, char::len_utf8)..];
            continue;
        }
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let (open, after) = rest.split_at(ticks);
        out.push_str(open);
        rest = after;
        if let Some(end) = end_of_code(after, ticks) {
            out.push_str(&after[..end]);
            rest = &after[end..];
        }
    }
    out.push_str(rest);
}

/// Where the run of so many backticks ends that closes a span of code.
fn end_of_code(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let begin = at + found;
        let run = text[begin..].len() - text[begin..].trim_start_matches('`').len();
        at = begin + run;
        if run == ticks {
            return Some(at);
        }
    }
    None
}

/// A fenced block whose fence is longer than any within it.
pub(crate) fn fence(info: &str, text: &str) -> String {
    let ticks = "`".repeat(longest_run(text).max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{info}\n{text}{end}{ticks}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default()
}

/// Text between backticks.
pub(crate) fn code(text: &str) -> String {
    let blank = |letter: char| letter.is_whitespace() || letter.is_control();
    let text = text.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn escape(word: &str, out: &mut String) {
    let characters: Vec<char> = word.chars().collect();
    let entities_end = characters.iter().rposition(|letter| *letter == ';').unwrap_or_default();
    for (at, &character) in characters.iter().enumerate() {
        let marks = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
            // Braces of a variable: two and no more.
            '{' => {
                let brace = |at: Option<usize>| at.and_then(|at| characters.get(at)) == Some(&'{');
                brace(Some(at + 1)) && !brace(at.checked_sub(1)) && !brace(Some(at + 2))
            }
            // They would close a heading.
            '#' => at == 0 && word.bytes().all(|letter| letter == b'#'),
            // `&` marks up where it begins an entity alone.
            '&' => at < entities_end,
            // Within a word an underscore is one.
            '_' => {
                let beside = |neighbour: Option<&char>| neighbour.is_some_and(|one| one.is_alphanumeric());
                !(at > 0 && beside(characters.get(at - 1)) && beside(characters.get(at + 1)))
            }
            _ => false,
        };
        if marks {
            out.push('\\');
        }
        out.push(character);
    }
}

fn begins_a_block(line: &str) -> bool {
    line.starts_with(['#', '>', '-', '+', '=', ':'])
}

/// Where the `.` or `)` stands that would make the line an entry of an ordered list.
fn number_of_a_list(line: &str) -> Option<usize> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0 && line[digits..].starts_with(['.', ')'])).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_marks_nothing_up() {
        assert_eq!(inline("a *b* [c](d) <e> snake_case __x__ `f`"), {
            r"a \*b\* \[c\](d) \<e> snake_case \_\_x\_\_ \`f\`"
        });
        assert_eq!(inline("R&D; a & b &amp; c"), r"R\&D; a & b \&amp; c");
    }

    #[test]
    fn text_holds_no_variable_no_control_character_and_closes_no_heading() {
        assert_eq!(inline("a {{x}} {{{y}}} b\u{1}c\u{2} ##"), r"a \{{x}} {{{y}}} b c \##");
        assert_eq!(paragraphs("a {{x}} \u{1}ip\u{2} \u{7}"), r"a \{{x}} {{ip}}");
    }

    #[test]
    fn what_was_written_as_paragraphs_comes_back() {
        let text = "# a *b* [c](d) snake_case __x__ `f\\d`\n1. no step\n- none\na & b &amp; {{x}} ##";
        assert_eq!(unescaped(&paragraphs(text)), text);
        assert_eq!(unescaped("a\\\nb\\"), "a\nb\\");
        let code = "a `b\\*` \\*c ``d` \\_``\n\n```sh\nls \\*\n```\n\\_";
        assert_eq!(unescaped(code), "a `b\\*` *c ``d` \\_``\n\n```sh\nls \\*\n```\n_");
    }

    #[test]
    fn paragraphs_begin_no_list_heading_or_code() {
        let text = "# no heading\n- [ ] no check\n1. no step\n\n\n\n    no code\n```sh\nno command\n```\n2) no step";
        let written = paragraphs(text);
        let runbook = format::parse("a.md", written.as_bytes());
        let items = runbook.phases.iter().flat_map(|section| &section.steps).flat_map(|step| &step.items).count();
        assert_eq!((items, runbook.blocks.len()), (0, 0), "{written}");
    }

    #[test]
    fn a_fence_holds_what_is_in_it() {
        let text = "cat <<'E'\n````\nE\n";
        let runbook = format::parse("a.md", fence("sh", text).as_bytes());
        assert_eq!(runbook.phases[0].steps[0].items[0].script.trim_end(), text.trim_end());
    }

    #[test]
    fn code_holds_backticks() {
        assert_eq!(code("a `b`"), "`` a `b` ``");
        assert_eq!(code("a  b"), "`a b`");
    }
}
