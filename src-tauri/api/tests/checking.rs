//! What the check relies on: every face says the same, nothing outside a library is looked at, a machine mends only what it
//! may, and no secret is shown.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]
#![allow(dead_code, reason = "the house serves other tests too")]

#[path = "authoring/house.rs"]
mod house;

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use api::{CheckQuery, CheckReport, wire::Severity};
use house::{House, argument};
use serde_json::Value;

fn check(house: &House, paths: &[PathBuf]) -> CheckReport {
    house.app.check(&CheckQuery { paths: paths.to_vec(), ..CheckQuery::default() }).unwrap()
}

fn codes(report: &CheckReport, file: &Path) -> Vec<&'static str> {
    let file = report.files.iter().find(|one| one.path == file).unwrap();
    file.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn links_are_followed_within_the_library_and_no_further() {
    let house = House::new();
    fs::write(house.folder.path().join("outside.md"), "# Outside\n").unwrap();
    house.put("guides/drain.md", "# Drain\n\n## Roll back\n");
    symlink(house.folder.path(), house.library.join("way-out")).unwrap();
    let links = "[a](guides/drain.md#roll-back) [b](guides/) [c](../outside.md) [d](way-out/none.md) [e](/guides/drain.md) \
                 [f](guides/drain)\n";
    let good = house.put("good.md", links);
    let dead =
        house.put("deep/dead.md", "[a](drain.md)\n\n[b](../guides/drain.md#roll-bakc)\n\n[c](/guides/none.md)\n");
    let report = check(&house, &[]);
    assert_eq!(codes(&report, &good), Vec::<&str>::new());
    assert_eq!(codes(&report, &dead), ["dead-link"; 3]);
    let dead = report.files.iter().find(|one| one.path == dead).unwrap();
    let titles: Vec<&str> = dead.problems.iter().flat_map(|one| &one.fixes).map(|fix| fix.title.as_str()).collect();
    assert!(titles.iter().any(|title| title.ends_with("guides/drain.md")), "{titles:?}");
    assert!(titles.contains(&"Link to #roll-back"), "{titles:?}");
}

#[test]
fn the_window_the_list_and_the_check_say_the_same() {
    let house = House::new();
    house.put("allgood.toml", "[environments.prod]\nvars = { CLUSTER = \"p1\" }\n");
    let text = "---\nparams: {a: {}}\nreviewed: 2020-01-01\nreview_every: 90d\n---\n{{CLUSTER}} {{b}} [x](gone.md)\n\n## Fix\n\n```sh\nx\n```\n";
    let file = house.put("a.md", text);
    house.app.library_rescan(api::commands::Nothing {}).unwrap();
    let report = check(&house, std::slice::from_ref(&file));
    let found = codes(&report, &file);
    for code in ["unknown-variable", "review-overdue", "dead-link", "no-rollback", "no-validation"] {
        assert_eq!(found.iter().filter(|one| **one == code).count(), 1, "{code} in {found:?}");
    }
    let page = house.app.runbook(argument(&file)).unwrap();
    assert_eq!(page.problems.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), found);
    let look = api::wire::LookAt {
        path: file.display().to_string(),
        text: text.to_owned(),
        environment: None,
        page: false,
        around: None,
    };
    let look = house.app.look(look).unwrap();
    assert_eq!(look.problems.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(), found);
}

#[test]
fn what_the_library_ignores_is_not_checked() {
    let house = House::new();
    house.put("allgood.toml", "[library]\nignore = [\"drafts/**\"]\n");
    house.put("drafts/a.md", "```sh\n");
    let kept = house.put("b.md", "Text\n");
    for paths in [vec![], vec![house.library.clone()]] {
        let report = check(&house, &paths);
        assert_eq!(report.files.iter().map(|one| one.path.clone()).collect::<Vec<_>>(), std::slice::from_ref(&kept));
    }
    assert!(check(&house, &[house.library.join("drafts")]).files.is_empty());
    assert_eq!(check(&house, &[house.library.join("none.md")]).unread.len(), 1);
}

#[test]
fn a_machine_mends_what_is_safe_keeps_the_mode_and_never_writes_over_a_change() {
    let house = House::new();
    let text = "## Fix\r\n\r\n```sh timeout=5s\r\nx\r\n```\r\n\r\n```bash\r\napiVersion: v1\r\n```\r\n";
    let file = house.put("a.md", text);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let report = check(&house, std::slice::from_ref(&file));
    let mended = house.app.mended(&report.files[0]).unwrap();
    assert_eq!(
        mended.fixes.iter().map(|(line, code, _)| (*line, *code)).collect::<Vec<_>>(),
        [(3, "attribute-refused"), (7, "not-a-command")]
    );
    let diff = mended.diff();
    assert!(diff.contains("-```sh timeout=5s\n") && diff.contains("+```sh {timeout=5s}\n"), "{diff}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "nothing is written before it is asked for");
    assert!(house.app.write_mended(&mended).unwrap());
    let expected = text.replace("sh timeout=5s", "sh {timeout=5s}").replace("```bash", "```text");
    assert_eq!(fs::read_to_string(&file).unwrap(), expected);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(
        house.app.mended(&check(&house, std::slice::from_ref(&file)).files[0]).is_none(),
        "nothing is left to mend"
    );
    fs::write(&file, text).unwrap();
    let report = check(&house, std::slice::from_ref(&file));
    let mended = house.app.mended(&report.files[0]).unwrap();
    fs::write(&file, "changed meanwhile\n").unwrap();
    assert!(!house.app.write_mended(&mended).unwrap());
    assert_eq!(fs::read_to_string(&file).unwrap(), "changed meanwhile\n");
}

#[test]
fn problems_can_be_chosen_by_code_and_by_how_bad_they_are() {
    let house = House::new();
    let file = house.put("a.md", "## Fix\n\n```sh {tiemout=5s}\nx <y>\n```\n");
    let of = |codes: &[&str], severity| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        house.app.check(&CheckQuery { paths: vec![file.clone()], codes, severity }).unwrap().counts()
    };
    assert_eq!(of(&[], None), [1, 2, 1]);
    assert_eq!(of(&[], Some(Severity::Warning)), [1, 2, 0]);
    assert_eq!(of(&["placeholder", "no-rollback"], None), [0, 1, 1]);
    assert!(CheckReport::knows("placeholder") && !CheckReport::knows("placeholders"));
}

#[test]
fn no_secret_is_shown_whatever_was_asked_for() {
    let house = House::new();
    let secret = ["kT9xV2", "mQ7rLw"].concat();
    let text = format!("## Fix\n\n```sh timeout=5s\nPGPASSWORD={secret} psql\n```\n");
    let file = house.put("a.md", &text);
    let query = CheckQuery { paths: vec![file], codes: vec!["attribute-refused".to_owned()], severity: None };
    let report = house.app.check(&query).unwrap();
    let masked = report.files[0].masked();
    assert!(!masked.contains(&secret) && masked.len() == text.len(), "{masked}");
    let diff = house.app.mended(&report.files[0]).unwrap().diff();
    assert!(!diff.contains(&secret) && diff.contains("PGPASSWORD=*"), "{diff}");
    let all = check(&house, &[]);
    assert!(!all.sarif(Path::new("/")).to_string().contains(&secret));
}

/// What the schema of SARIF 2.1.0 requires of a log, its runs, results, places and fixes.
#[test]
fn sarif_has_what_its_schema_requires() {
    let house = House::new();
    house.put("ä b.md", "# T\n\n## Fix\n\né ```sh\n\n```sh {tiemout=5s}\nx <y>\n```\n");
    let log = check(&house, &[house.library.clone(), house.library.join("none.md")]).sarif(Path::new("/"));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "allgood");
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["id"].is_string() && rule["shortDescription"]["text"].as_str().unwrap().ends_with('.'));
        assert!(["error", "warning", "note"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false, "a file could not be read");
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().len(), 1);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4, "{results:?}");
    let region = |region: &Value| {
        let number = |key: &str| region[key].as_u64().unwrap();
        assert!(number("startLine") >= 1 && number("startColumn") >= 1);
        assert!((number("endLine"), number("endColumn")) >= (number("startLine"), number("startColumn")));
    };
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert_eq!(rules[rule]["defaultConfiguration"]["level"], result["level"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().unwrap().ends_with("/%C3%A4%20b.md"));
        region(&place["region"]);
        for fix in result["fixes"].as_array().into_iter().flatten() {
            assert!(fix["description"]["text"].is_string());
            let change = &fix["artifactChanges"][0];
            assert_eq!(change["artifactLocation"], place["artifactLocation"]);
            for replacement in change["replacements"].as_array().unwrap() {
                region(&replacement["deletedRegion"]);
                assert!(replacement["insertedContent"]["text"].is_string());
            }
        }
    }
    let refused = results.iter().find(|one| one["ruleId"] == "attribute-refused").unwrap();
    let region = &refused["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&7.into(), &8.into(), &15.into())
    );
}
