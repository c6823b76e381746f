//! Pieces of text that an editor inserts: what a runbook is made of, ready to be filled in. That each becomes what it
//! promises is tested below.

/// A piece of text to insert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What is typed to get it: a word in lower case.
    pub name: &'static str,
    /// As a menu says it.
    pub title: &'static str,
    /// What it is for.
    pub hint: &'static str,
    /// The text. `${words}` is a field that shows these words until it is filled in, `${}` is where the caret ends.
    /// A command left unfilled is a `<placeholder>`, so that nothing runs that nobody wrote.
    pub text: &'static str,
}

const fn snippet(name: &'static str, title: &'static str, hint: &'static str, text: &'static str) -> Snippet {
    Snippet { name, title, hint, text }
}

const SNIPPETS: &[Snippet] = &[
    snippet(
        "step",
        "Step",
        "a heading, with something to do below it",
        "### ${Do this}\n\n- [ ] ${what is then true}${}\n",
    ),
    snippet("check", "Check", "something that a person looks at and ticks", "- [ ] ${what holds}${}\n"),
    snippet("command", "Command", "runs once", "```sh {name=${name}}\n${<command>}\n```\n${}"),
    snippet(
        "expect",
        "Command with an expectation",
        "runs once, and its output must hold a text",
        "```sh {expect=\"${text}\"}\n${<command>}\n```\n${}",
    ),
    snippet(
        "confirm",
        "Command that asks first",
        "runs when a person has said yes",
        "```sh {confirm}\n${<command>}\n```\n${}",
    ),
    snippet(
        "probe",
        "Probe",
        "only looks, again and again until it holds",
        "```sh {probe every=5s within=1m expect=\"${text}\"}\n${<command>}\n```\n${}",
    ),
    snippet(
        "http",
        "Request that is tested",
        "sends a request, and its answer must be as expected",
        "```http {probe within=1m expect_status=200}\nGET {{${ADDRESS}}}/${path}\n```\n${}",
    ),
    snippet(
        "sql",
        "Query that is tested",
        "asks a database, which changes nothing, and its answer must be as expected",
        "```sql {on=${database} expect_value=\"> 0\"}\nSELECT count(*) FROM ${table}\n```\n${}",
    ),
    snippet(
        "promql",
        "Metric that is tested",
        "asks Prometheus, and each value must be as expected",
        "```promql {on=${metrics} range=1h expect_number=\"< 5\"}\n${up}\n```\n${}",
    ),
    snippet("undo", "Undo", "takes back what its step did", "```sh {undo}\n${<command>}\n```\n${}"),
    snippet("message", "Message", "text to be sent to somebody", "```message {to=\"${whom}\"}\n${text}\n```\n${}"),
    snippet("parameter", "Parameter", "the value of a parameter, by its name", "{{${name}}}${}"),
    snippet("link", "Link", "leads to a page or a file", "[${text}](${address})${}"),
    snippet(
        "warning",
        "Warning",
        "what must not be overlooked",
        "> [!WARNING]\n> ${what goes wrong, and how it is noticed}${}\n",
    ),
    snippet("fails", "If it fails", "advice, shown when the step fails", "**If it fails** ${what to do then}${}\n"),
];

/// All of them, in the order in which they are offered.
#[must_use]
pub const fn snippets() -> &'static [Snippet] {
    SNIPPETS
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{ItemKind, Runbook, VariablePlace, parse};

    /// The text as it stands before anything is filled in: fields by their words.
    pub(crate) fn unfilled(snippet: &Snippet) -> String {
        let mut text = String::new();
        let mut rest = snippet.text;
        while let Some((before, field)) = rest.split_once("${") {
            let (words, after) = field.split_once('}').expect("a field ends");
            text.push_str(before);
            text.push_str(words);
            rest = after;
        }
        text + rest
    }

    fn within(snippet: &Snippet) -> (Runbook, String) {
        let text = format!(
            "---\nparams:\n  name:\n    prompt: Which\n---\n# T\n\n## Steps\n\n### First\n\n- [ ] seen\n\n{}\n\nThe end.\n",
            unfilled(snippet)
        );
        (parse("t.md", text.as_bytes()), text)
    }

    #[test]
    fn each_piece_becomes_what_it_promises() {
        for snippet in snippets() {
            let (runbook, text) = within(snippet);
            let step = &runbook.phases.iter().rfind(|section| !section.steps.is_empty()).expect("one").steps;
            let items: Vec<_> = runbook.items().map(|(_, _, item)| item).collect();
            let last = items.last().expect("an item");
            let kind = |kind: ItemKind| assert_eq!((items.len(), last.kind), (2, kind), "{}", snippet.name);
            match snippet.name {
                "step" => {
                    assert_eq!(step.iter().map(|step| step.title.as_str()).collect::<Vec<_>>(), ["First", "Do this"]);
                    kind(ItemKind::Check);
                }
                "check" => kind(ItemKind::Check),
                "command" => kind(ItemKind::Command),
                "expect" => {
                    kind(ItemKind::Command);
                    assert!(last.attributes.contains_key("expect"));
                }
                "confirm" => {
                    kind(ItemKind::Command);
                    assert!(last.attributes.contains_key("confirm"));
                }
                "probe" => kind(ItemKind::Probe),
                "http" => {
                    kind(ItemKind::Probe);
                    assert_eq!(last.variables, ["ADDRESS"], "nothing is sent unfilled");
                }
                "sql" | "promql" => {
                    kind(ItemKind::Command);
                    assert!(last.options.on.is_some() && last.refused.is_none());
                }
                "undo" => kind(ItemKind::Undo),
                "message" => {
                    kind(ItemKind::Message);
                    assert_eq!(last.text.trim(), "text");
                }
                "parameter" => {
                    assert_eq!(runbook.variables.len(), 1);
                    assert_eq!(runbook.variables[0].name, "name");
                    assert_eq!(runbook.variables[0].place, VariablePlace::Prose);
                }
                "link" => assert_eq!(runbook.links[0].url, "address"),
                "warning" => {
                    let page = format!("{:?}", crate::page(&runbook, text.as_bytes()));
                    assert!(page.contains("markdown-alert-warning") && page.contains("what goes wrong"), "{page}");
                }
                "fails" => {
                    assert!(step[0].if_it_fails.as_deref().is_some_and(|advice| advice.contains("what to do then")));
                }
                other => panic!("nothing is said of what {other} becomes"),
            }
            if matches!(snippet.name, "command" | "expect" | "confirm" | "probe" | "undo") {
                assert_eq!(last.placeholder_spans.len(), 1, "{}: nothing runs unfilled", snippet.name);
            }
            assert!(runbook.problems.iter().all(|problem| problem.code == "placeholder"), "{:?}", runbook.problems);
        }
    }

    #[test]
    fn fields_are_as_an_editor_reads_them() {
        let mut names = std::collections::BTreeSet::new();
        for snippet in snippets() {
            assert!(names.insert(snippet.name), "{} stands twice", snippet.name);
            assert!(snippet.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", snippet.name);
            assert_eq!(snippet.text.matches("${}").count(), 1, "{}: one place for the caret", snippet.name);
            for field in snippet.text.split("${").skip(1) {
                let (words, _) = field.split_once('}').expect("a field ends");
                // Digits would be a number, a brace would end it, and a backslash would take the brace's meaning.
                assert!(
                    !words.contains(['{', '\\', ':']) && !words.starts_with(|letter: char| letter.is_ascii_digit())
                );
            }
        }
    }
}
