//! What past runs tell on the command line: filters, two of them side by side, and outputs that are kept no longer.

use std::process::Command;

use crate::support::{Home, text, until};

const TEXT: &str = "# P\n\n## Steps\n\n```sh {name=say expect=hello}\necho \"$WORD\"\n```\n";

/// Two runs: one that passed, then one that failed.
fn two_runs(home: &Home) -> [String; 2] {
    home.file("p.md", TEXT);
    home.expect(0, &["run", "p.md", "--auto", "--param", "WORD=hello"]);
    home.expect(1, &["run", "p.md", "--auto", "--param", "WORD=goodbye"]);
    let runs = home.runs();
    [text(&runs[1], "id").to_owned(), text(&runs[0], "id").to_owned()]
}

#[test]
fn runs_are_listed_by_what_is_asked_for() {
    let home = Home::new();
    let [passed, failed] = two_runs(&home);
    home.file("q.md", "# Q\n\n## Steps\n\n```sh {name=x}\ntrue\n```\n");
    home.expect(0, &["run", "q.md", "--rehearse"]);
    let rehearsed = text(&home.runs()[0], "id").to_owned();
    let found = |arguments: &[&str]| -> Vec<String> {
        let all = [&["runs", "--json"], arguments].concat();
        let runs = home.expect(0, &all).json();
        runs.as_array().unwrap().iter().map(|run| text(run, "id").to_owned()).collect()
    };
    assert_eq!(found(&["--state", "failed"]), std::slice::from_ref(&failed));
    assert_eq!(found(&["--state", "failed,passed", "--runbook", "p.md"]), [failed.clone(), passed.clone()]);
    assert_eq!(found(&["--failures"]), std::slice::from_ref(&failed));
    assert_eq!(found(&["--mode", "rehearse"]), std::slice::from_ref(&rehearsed));
    assert_eq!(found(&["--words", "/q.md"]), std::slice::from_ref(&rehearsed));
    assert_eq!(found(&["--since", "1d", "--limit", "1"]), [rehearsed]);
    assert_eq!(found(&["--until", "2020-01-01"]), [""; 0]);
    assert_eq!(found(&["--environment", "prod"]), [""; 0]);
    assert!(home.expect(0, &["runs", "--environment", "prod"]).err.contains("None of 3 runs"));
    assert!(home.expect(2, &["runs", "--since", "soon"]).err.contains("\"soon\" is no time"));
    home.expect(2, &["runs", "--state", "lost"]);
}

#[test]
fn two_runs_of_a_runbook_are_compared() {
    let home = Home::new();
    let [passed, failed] = two_runs(&home);
    let shown = home.expect(0, &["compare", &passed, &failed]).out;
    for part in ["WORD", "hello", "goodbye", "passed", "failed", "status", "observed"] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
    let found = home.expect(0, &["compare", &passed, &failed, "--json"]).json();
    assert_eq!(found["items"][0]["item"], "say");
    assert_eq!(found["parameters"][0]["values"], serde_json::json!(["hello", "goodbye"]));
    let same = home.expect(0, &["compare", &passed, &passed]).out;
    assert!(same.contains("1 item went the same way"), "{same}");
    assert!(home.expect(0, &["propose", &passed]).err.contains("suggests nothing"));
}

#[test]
fn old_outputs_go_by_the_setting_and_the_record_holds_and_says_so() {
    let home = Home::new();
    home.file("p.md", "# P\n\n## Steps\n\n```sh {name=say}\necho needle-4711\n```\n");
    home.expect(0, &["run", "p.md", "--auto"]);
    let run = text(&home.only_run(), "id").to_owned();
    let long_ago = "UPDATE runs SET ended_at = '2020-01-01T00:00:00.000Z'";
    let done = Command::new("sqlite3").arg(home.path("data/allgood.db")).arg(long_ago).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    home.file(".config/allgood/config.toml", "[runs]\nkeep_output_days = 30\n");
    until("the output is gone", || home.expect(0, &["verify", &run]).out.contains("retention setting"));
    let told = home.expect(0, &["verify", &run]).out;
    assert!(told.contains("holds") && told.contains("the output of 1 attempt was removed on 20"), "{told}");
    let shown = home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("of output were removed on 20") && !shown.contains("│ needle"), "{shown}");
}
