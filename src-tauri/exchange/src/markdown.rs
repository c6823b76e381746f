//! Text that becomes Markdown and means nothing more there than it did.

/// One line of text as inline Markdown: nothing in it marks anything up.
pub(crate) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        escape(word, &mut out);
    }
    out
}

/// Text of several lines as paragraphs. What would begin a heading, a list, a quote or a block of code begins none.
pub(crate) fn paragraphs(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let plain = inline(line);
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

/// A fenced block whose fence is longer than any within it.
pub(crate) fn fence(info: &str, text: &str) -> String {
    let longest = text.lines().map(|line| line.trim_start().bytes().take_while(|byte| *byte == b'`').count()).max();
    let ticks = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{ticks}{info}\n{text}{end}{ticks}\n")
}

/// Text between backticks.
pub(crate) fn code(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut longest = 0;
    for run in text.split(|c| c != '`') {
        longest = longest.max(run.len());
    }
    let ticks = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

fn escape(word: &str, out: &mut String) {
    let characters: Vec<char> = word.chars().collect();
    for (at, &character) in characters.iter().enumerate() {
        let marks = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' | '|' => true,
            // `&` marks up where it begins an entity alone.
            '&' => characters[at + 1..].contains(&';'),
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
