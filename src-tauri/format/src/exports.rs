//! What a script exports with a value of its own, for Runme's `promptEnv`.

use crate::model::{Item, Program, Span};
use crate::shell::{self, Quote};

/// A variable that a script exports with a literal value: `export REGION="eu-1"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// Its value, without the quotes around it.
    pub value: String,
    /// Where the value stands in the item's script, quotes included.
    pub span: Span,
}

/// What a shell script exports with literal values at its top level, in order. A value that the shell would work out
/// (`$( )`, `$NAME`, a pattern) is none.
#[must_use]
pub fn exports(item: &Item) -> Vec<Export> {
    if matches!(item.program, Program::PowerShell | Program::Fish) || !item.program.is_shell() {
        return Vec::new();
    }
    let script = item.script.as_str();
    let scan = shell::scan(script);
    let mut found = Vec::new();
    for command in shell::commands(script, &scan, &[]) {
        let Some((first, words)) = command.words.split_first() else { continue };
        if first.raw != "export" || command.depth > 0 {
            continue;
        }
        for word in words {
            let Some((name, written)) = word.raw.split_once('=') else { continue };
            let start = word.span.start + name.len() + 1;
            let plain = scan.places.get(word.span.start).is_some_and(|at| at.quote == Quote::Bare && !at.nested);
            if let Some(value) = literal(written).filter(|_| plain && is_name(name)) {
                let span = Span { start, end: start + written.len() };
                found.push(Export { name: name.to_owned(), value: value.to_owned(), span });
            }
        }
    }
    found
}

fn is_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The value of a word that stands for itself.
fn literal(written: &str) -> Option<&str> {
    let within = |quote: char| written.strip_prefix(quote)?.strip_suffix(quote).filter(|_| written.len() > 1);
    if let Some(text) = within('\'') {
        return (!text.contains('\'')).then_some(text);
    }
    if let Some(text) = within('"') {
        return (!text.contains(['"', '$', '`', '\\'])).then_some(text);
    }
    let special = |letter: char| letter.is_whitespace() || "\"'$`\\*?[]{}()<>|&;~#!".contains(letter);
    (!written.contains(special)).then_some(written)
}

#[cfg(test)]
mod tests {
    use crate::model::ItemKind;

    fn of(script: &str) -> Vec<(String, String, String)> {
        let text = format!("# x\n\n## Steps\n\n```sh {{promptEnv=yes}}\n{script}\n```\n");
        let runbook = crate::parse("x.md", text.as_bytes());
        let (_, _, item) = runbook.items().find(|(_, _, item)| item.kind == ItemKind::Command).unwrap();
        let found = super::exports(item);
        found
            .into_iter()
            .map(|one| (one.name, one.value, item.script[one.span.start..one.span.end].to_owned()))
            .collect()
    }

    #[test]
    fn what_is_exported_with_a_literal_value_is_found_and_nothing_else() {
        type Found<'a> = &'a [(&'a str, &'a str, &'a str)];
        let cases: &[(&str, Found<'_>)] = &[
            ("export A=1", &[("A", "1", "1")]),
            ("export A=\"two words\" B='it is'", &[("A", "two words", "\"two words\""), ("B", "it is", "'it is'")]),
            ("export A=", &[("A", "", "")]),
            ("  export A=x; export B=y", &[("A", "x", "x"), ("B", "y", "y")]),
            ("export A=$HOME B=$(date) C=\"$X\" D=a*", &[]),
            ("A=1\nexport A\nexport -n B", &[]),
            ("cat <<X\nexport A=1\nX", &[]),
            ("echo 'export A=1'", &[]),
            ("(export A=1) # export B=2", &[]),
        ];
        for (script, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, value, text)| ((*name).to_owned(), (*value).to_owned(), (*text).to_owned()))
                .collect();
            assert_eq!(of(script), expected, "{script}");
        }
    }
}
