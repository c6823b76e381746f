//! Blocks that are marked as shell, or not marked at all, and are no commands (FORMAT.md, "Not commands").

use std::sync::LazyLock;

use regex::RegexSet;

use crate::prompts::{after_prompt, first_line, is_other_prompt};
use crate::words::is_known_command;

static TEXT: LazyLock<RegexSet> = LazyLock::new(|| {
    crate::fixed::set(&[
        r#"^[{\['*=<]"#,
        r#"^"[^$]"#,
        r#"^"$"#,
        // word:
        r"^[A-Za-z_][\w.-]*:(?:\s|$)",
        // dates, times, log levels
        r"^\d{4}[-/]\d{2}[-/]\d{2}",
        r"^\d{1,2}:\d{2}",
        r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? ",
        r"^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* +\d",
        r"^[IWEF]\d{4} ",
        r"^\S+\.go:\d+\]",
        r"^(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b",
        r"^(?:level|lvl|ts|time)=\S+ .*\b(?:msg|level)=",
        // two or more upper-case columns
        r"^[A-Z][A-Z0-9_()%/#-]+\s+[A-Z][A-Z0-9_()%/#-]+(?:\s|$)",
        // an option or a list
        r"^-",
        // a metric expression
        r"^\(?(?:sum|avg|min|max|count|group|topk|bottomk|quantile|stddev|stdvar|count_values)\s*(?:by|without)?\s*\(",
        r"^\(?(?:rate|irate|increase|delta|idelta|deriv|predict_linear|histogram_quantile|label_replace|label_join|absent|changes|resets|vector|scalar|round|ceil|floor|abs|clamp_\w+|sort_desc|\w+_over_time)\s*\(",
        r"^[A-Za-z_:][\w:]*\{[^}]*\b\w+\s*(?:=~|!~|!=|=)",
        r#"^[A-Za-z_:][\w:]*(?:\{[^}]*\})?\[\d+[smhdwy]"#,
        r"^[A-Za-z_:][\w:]*\s*(?:==|!=|>=|<=)\s*[\d.]+\s*$",
        r"^[A-Za-z]\w*[_:][\w:]+\s*[<>]\s*\d+(?:\.\d+)?\s*$",
    ])
});

crate::fixed::expression!(ASSIGNMENT, r"^[A-Z_][A-Z0-9_]*=");
crate::fixed::expression!(TEST, r"^\[\[? -?[\w!$]");

/// Whether a block that is marked as shell and has no prompts is text: only comments, or data, output or a query.
pub(crate) fn is_text(text: &str) -> bool {
    match first_line(text) {
        None => true,
        // `[ -f x ] && …` is a command; an array of JSON holds no bare word.
        Some(line) if TEST.is_match(line) && line.contains(" ]") => false,
        Some(line) => TEXT.is_match(line),
    }
}

/// Whether a block without a language is a command. `more` are commands that the library knows besides.
pub(crate) fn looks_like_a_command(text: &str, more: &[String]) -> bool {
    let Some(line) = first_line(text) else { return false };
    if let Some(rest) = after_prompt(line) {
        return !rest.is_empty();
    }
    if is_other_prompt(line) {
        return false;
    }
    if line.starts_with("./") || ASSIGNMENT.is_match(line) {
        return true;
    }
    let word = line.split_whitespace().next().unwrap_or_default().trim_end_matches(';');
    is_known_command(word) || more.iter().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expressions_are_valid() {
        assert!(!TEXT.is_empty() && ASSIGNMENT.get().is_some() && TEST.get().is_some());
    }

    #[test]
    fn data_output_and_queries_are_no_commands() {
        for text in [
            "",
            "# only\n# comments",
            "{\"a\": 1}",
            "[1, 2]",
            "\"a\": 1",
            "'a'",
            "* x",
            "= x",
            "<html>",
            "apiVersion: v1",
            "Host: x",
            "2026-01-02 10:00",
            "10:00:00 x",
            "I0102 10:00:00.1   7 main.go:3] started",
            "ERROR x",
            "Jan  2 x",
            "NAME    READY   STATUS",
            "- item",
            "--flag",
            "sum by (job) (rate(http_errors_total[5m])) > 5",
            "rate(x[5m])",
            "up{job=\"x\"} == 0",
            "up == 0",
            "node_load1 > 5",
            "x[5m]",
            "# c\nkind: Pod",
            "max_over_time(x[1h])",
            "level=info ts=1 msg=x",
            "graph_builder.go:279] x",
        ] {
            assert!(is_text(text), "{text}");
        }
        for text in [
            "kubectl get pods",
            "# c\nls",
            "FOO=1 make",
            "time ls",
            "[ -f x ] && y",
            "[[ -n $x ]] && y",
            "\"$BIN/tool\" run",
            "sort x",
            "count x",
            "echo a: b",
            "./x",
            "x > 5.log",
            "GET /x",
        ] {
            assert!(!is_text(text), "{text}");
        }
    }

    #[test]
    fn a_block_without_a_language_is_judged_by_its_first_line() {
        for (text, expected) in [
            ("kubectl get pods -n web", true),
            ("# c\n\n$ anything", true),
            ("./run.sh", true),
            ("FOO=1", true),
            ("acmectl x", true),
            ("NAME    READY   STATUS", false),
            ("some text", false),
            ("sh-5.1# ls", false),
            ("host: x", false),
            ("", false),
        ] {
            assert_eq!(looks_like_a_command(text, &["acmectl".to_owned()]), expected, "{text}");
        }
    }
}
