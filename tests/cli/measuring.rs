//! Blocks that measure, through the command line: real requests to a real server, and the record of what came.

use std::fs;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use testkit::{Certificate, Web, nobody};

use crate::support::{Done, Home, processes_of, text, until, verdicts};

/// A runbook of these blocks.
fn book(blocks: &[(&str, &str)]) -> String {
    let blocks = blocks.iter().map(|(attributes, request)| format!("```http {{{attributes}}}\n{request}\n```\n\n"));
    format!("# Look\n\n## Steps\n\n{}", blocks.collect::<String>())
}

fn run(home: &Home, book: &str, arguments: &[&str]) -> Done {
    home.file("look.md", book);
    home.allgood(&[&["run", "look.md", "--auto", "--yes", "--json"], arguments].concat())
}

/// All that the last run printed, as it is kept.
fn printed(home: &Home) -> String {
    let runs = home.runs();
    home.expect(0, &["report", text(&runs[0], "id"), "--format", "md"]).out
}

#[test]
fn a_request_is_sent_and_its_answer_and_what_was_expected_of_it_are_in_the_record() {
    let (home, web) = (Home::new(), Web::plain());
    let attributes = "name=health expect_status=2xx expect_header=\"content-type: application/json\" \
                      expect_json='$.status == \"ok\" && $.queue < 5' expect_time=\"< 90s\" expect_number=\"< 5\"";
    let request = "# the shop's own word\nGET {{SHOP}}/health?q={{Q}}&from={{ run.start_ms }}\nX-Id: 7";
    let asked = run(&home, &book(&[(attributes, request)]), &[]);
    assert_eq!(asked.status, Some(4), "a variable nobody set is asked for: {asked:?}");
    let done = run(
        &home,
        &book(&[(attributes, request)]),
        &["--param", &format!("SHOP={}", web.address()), "--param", "Q=a b&c"],
    );
    assert_eq!(done.status, Some(0), "{done:?}");
    let started = done.events().into_iter().find(|event| event["kind"] == "attempt_started").unwrap();
    assert_eq!(text(&started, "command"), request, "the record says the request as it is written");
    assert!(web.asked()[0].starts_with("GET /health?q=a%20b%26c&from=1"), "{:?}", web.asked());
    assert!(!web.asked()[0].contains("start_ms"), "{:?}", web.asked());
    let verdicts = verdicts(&done);
    let expected: Vec<&str> = verdicts.iter().map(|(expected, ..)| expected.as_str()).collect();
    let all = [
        "number < 5",
        "status 2xx",
        "header content-type: application/json",
        "$.status == \"ok\"",
        "$.queue < 5",
        "complete < 90.00 s",
    ];
    assert_eq!(expected, all);
    assert!(verdicts.iter().all(|(.., holds)| *holds), "{verdicts:?}");
    let report = printed(&home);
    for said in ["HTTP/1.1 200 OK", "content-type: application/json", "\"queue\": 3", "complete after"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    home.tells_no_exit_status(text(&started, "run"));
}

#[test]
fn what_is_not_as_expected_fails_and_says_what_came() {
    let (home, web) = (Home::new(), Web::plain());
    let nobody = nobody();
    for (attributes, request, expected, observed) in [
        (
            "probe within=1s every=1s",
            format!("GET {}/broken", web.address()),
            "a status below 400",
            "503 Service Unavailable",
        ),
        ("expect_status=204", format!("GET {}/health", web.address()), "status 204", "200 OK"),
        ("expect_json='$.queue > 5'", format!("GET {}/health", web.address()), "$.queue > 5", "3"),
        ("expect_json='$.a == 1'", format!("GET {}/text", web.address()), "$.a == 1", "the body is no JSON"),
        ("expect_json='$.a == 1'", format!("GET {}/large", web.address()), "$.a == 1", "larger than 1048576 bytes"),
        ("expect_header=etag", format!("GET {}/health", web.address()), "header etag", "no such header"),
        ("name=a", format!("GET {nobody}/"), "an answer", "takes no connection"),
        ("name=a", "GET http://no-such-host.invalid/".to_owned(), "an answer", "no-such-host.invalid is not known"),
        ("name=a", format!("GET {}/round", web.address()), "an answer", "leads on and on"),
        ("expect=\"never there\"", format!("GET {}/text", web.address()), "never there", "not found"),
    ] {
        let done = run(&home, &book(&[(attributes, &request)]), &[]);
        assert_eq!(done.status, Some(1), "{attributes} {request}: {done:?}");
        let verdicts = verdicts(&done);
        let found = verdicts.iter().any(|(one, came, holds)| one == expected && came.contains(observed) && !holds);
        assert!(found, "{attributes} {request}: {verdicts:?}");
    }
}

#[test]
fn a_server_that_does_not_answer_is_given_up_and_a_probe_asks_again_until_it_does() {
    let (home, web) = (Home::new(), Web::plain());
    let done = run(&home, &book(&[("timeout=1s", &format!("GET {}/never", web.address()))]), &[]);
    assert_eq!(done.status, Some(1), "{done:?}");
    let ended = done.events().into_iter().find(|event| event["kind"] == "attempt_ended").unwrap();
    assert!(text(&ended, "note").contains("timeout of 1s"), "{ended}");
    let request = format!("GET {}/broken", web.address());
    let done = run(&home, &book(&[("probe every=100ms within=1s expect_status=200", &request)]), &[]);
    assert_eq!(done.status, Some(1), "{done:?}");
    let tries = done.events().iter().filter(|event| event["kind"] == "attempt_ended").count();
    assert!(tries > 1, "{done:?}");
}

#[test]
fn a_request_that_is_not_answered_ends_with_the_run_that_is_stopped() {
    let (home, web) = (Home::new(), Web::plain());
    home.file("look.md", &book(&[("name=wait", &format!("GET {}/never", web.address()))]));
    let child = home.command(&["run", "look.md", "--auto"]).spawn().unwrap();
    until("it is asked", || web.asked().len() == 1);
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
    let done: Done = child.wait_with_output().unwrap().into();
    assert_eq!(done.status, Some(130), "{done:?}");
    let run = home.only_run();
    assert_eq!((text(&run, "state"), processes_of(text(&run, "id"))), ("paused", Vec::new()));
}

#[test]
fn a_certificate_that_is_not_right_is_named_and_nothing_is_sent() {
    let home = Home::new();
    for (certificate, says) in [
        (Certificate::Right, ""),
        (Certificate::SelfSigned, "comes from nobody whom this machine trusts"),
        (Certificate::Expired, "has expired"),
        (Certificate::WrongName, "is for another name"),
    ] {
        let web = Web::secure(certificate);
        fs::copy(web.ca(), home.path("ca.pem")).unwrap();
        let request = format!("GET {}/health\nAuthorization: Bearer very-secret", web.address());
        let done = run(&home, &book(&[("expect_status=200 ca=ca.pem", &request)]), &[]);
        match certificate {
            Certificate::Right => {
                assert_eq!(done.status, Some(0), "{done:?}");
                // Whom the file does not name is not trusted because of it.
                let alone = run(&home, &book(&[("expect_status=200", &request)]), &[]);
                assert_eq!(alone.status, Some(1), "{alone:?}");
                assert!(verdicts(&alone)[0].1.contains("nobody whom this machine trusts"), "{alone:?}");
                assert_eq!(web.asked().len(), 1);
            }
            _ => {
                assert_eq!(done.status, Some(1), "{certificate:?}: {done:?}");
                assert!(verdicts(&done)[0].1.contains(says), "{certificate:?}: {done:?}");
                assert_eq!(web.asked(), Vec::<String>::new(), "{certificate:?}");
            }
        }
    }
    let done = run(&home, &book(&[("ca=none.pem", "GET https://127.0.0.1:1/")]), &[]);
    assert!(verdicts(&done)[0].1.contains("none.pem"), "{done:?}");
}

#[test]
fn a_secret_reaches_the_server_and_is_masked_wherever_the_answer_shows_it() {
    const SECRET: &str = "Tq9+hunter/2=plain";
    let (home, web) = (Home::new(), Web::plain());
    let blocks = [(
        "name=echo expect_status=200 expect_header=\"content-type: /json/\"",
        "POST {{SHOP}}/echo?token={{API_TOKEN}}\nAuthorization: Basic ann {{API_TOKEN}}\nX-Token: {{API_TOKEN}}\n\n{\"token\": \"{{API_TOKEN}}\"}",
    )];
    let parameters = "---\nparams:\n  API_TOKEN: {secret: true}\n---\n";
    let shop = format!("SHOP={}", web.address());
    let token = format!("API_TOKEN={SECRET}");
    let done = run(&home, &format!("{parameters}{}", book(&blocks)), &["--param", &shop, "--param", &token]);
    assert_eq!(done.status, Some(1), "{done:?}");
    let asked = web.asked().join("\n");
    assert!(
        asked.contains(&format!("x-token: {SECRET}")) || asked.contains(&format!("X-Token: {SECRET}")),
        "{asked}"
    );
    assert!(asked.contains(&format!("{{\"token\": \"{SECRET}\"}}")), "{asked}");
    assert!(asked.contains("token=Tq9%2Bhunter%2F2%3Dplain"), "{asked}");
    let run = text(&home.only_run(), "id").to_owned();
    let everything: Vec<String> = ["md", "html", "jsonl", "junit"]
        .iter()
        .map(|format| home.expect(0, &["report", &run, "--format", format]).out)
        .chain([
            done.out.clone(),
            done.err.clone(),
            String::from_utf8_lossy(&fs::read(home.path("data/allgood.db")).unwrap()).into_owned(),
        ])
        .collect();
    for text in everything {
        for form in [SECRET, "Tq9%2Bhunter%2F2%3Dplain", "hunter", "aHVudGVy", "h1bnRlc", "odW50ZX"] {
            assert!(!text.contains(form), "{form}");
        }
    }
    let report = printed(&home);
    assert!(report.contains("{{API_TOKEN}}") && report.contains("•••"), "{report}");
}

#[test]
fn where_an_answer_leads_is_shown_and_another_server_gets_nothing_that_was_written_for_the_first() {
    let (home, web, other) = (Home::new(), Web::plain(), Web::plain());
    let to = other.address().trim_start_matches("http://").to_owned();
    let blocks = [
        ("name=moved expect_status=200", format!("GET {}/moved", web.address())),
        ("name=away expect_status=200", format!("GET {}/away?to={to}\nX-Api-Key: 4711", web.address())),
        ("name=stays expect_status=302", format!("# @no-redirect\nGET {}/moved", web.address())),
        ("name=post expect_status=302", format!("POST {}/moved\n\nx", web.address())),
    ];
    let blocks: Vec<(&str, &str)> =
        blocks.iter().map(|(attributes, request)| (*attributes, request.as_str())).collect();
    let done = run(&home, &book(&blocks), &[]);
    assert_eq!(done.status, Some(0), "{done:?}");
    assert!(printed(&home).contains(&format!("302 Found leads to {}/health", web.address())));
    let key = |asked: Vec<String>| asked.iter().filter(|one| one.contains("4711")).count();
    assert_eq!((key(web.asked()), key(other.asked()), other.asked().len()), (1, 0, 1));
}

#[test]
fn the_body_alone_is_captured_and_the_next_block_has_it() {
    let (home, web) = (Home::new(), Web::plain());
    let text = format!(
        "{}```sh {{name=shown expect=\"it is plain text.\"}}\necho \"it is $SAID.\"\n```\n\n```http {{name=again expect=\"said=plain%20text\"}}\nGET {}/echo?said={{{{SAID}}}}\n```\n",
        book(&[("name=take capture=SAID", &format!("GET {}/text", web.address()))]),
        web.address()
    );
    let done = run(&home, &text, &[]);
    assert_eq!(done.status, Some(0), "{done:?}");
}

#[test]
fn a_request_that_only_reads_is_asked_by_no_guard_and_one_that_changes_something_is() {
    let (home, web) = (Home::new(), Web::plain());
    home.file("allgood.toml", "[environments.prod]\nkind = \"production\"\nguard = true\n");
    home.file("look.md", "# Look\n");
    home.expect(0, &["library", "add", "."]);
    home.trust("");
    let of = |method: &str| book(&[("expect_status=200", &format!("{method} {}/health", web.address()))]);
    let read = run(&home, &of("GET"), &["--environment", "prod"]);
    assert_eq!(read.status, Some(0), "{read:?}");
    let changed = run(&home, &of("DELETE"), &["--environment", "prod"]);
    assert_eq!(changed.status, Some(4), "{changed:?}");
    assert_eq!(web.asked().len(), 1, "{:?}", web.asked());
}

#[test]
fn a_block_that_cannot_be_sent_as_it_is_written_is_an_error_of_the_check_and_never_runs() {
    let home = Home::new();
    for (attributes, request, code, says) in [
        ("expect_status=200", "FETCH http://127.0.0.1/", "bad-request", "no method"),
        ("expect_status=ok", "GET http://127.0.0.1/", "attribute-refused", "expect_status=ok"),
        ("expect_staus=200", "GET http://127.0.0.1/", "attribute-refused", "expect_status"),
        ("on=web1", "GET http://127.0.0.1/", "attribute-refused", "this machine"),
        ("expect_exit=1", "GET http://127.0.0.1/", "attribute-refused", "expect_status"),
    ] {
        home.file("look.md", &book(&[(attributes, request)]));
        let checked = home.expect(1, &["check", "look.md", "--json"]);
        assert!(checked.out.contains(code) && checked.out.contains(says), "{attributes}: {checked:?}");
        let done = home.allgood(&["run", "look.md", "--auto", "--yes"]);
        assert_ne!(done.status, Some(0), "{attributes}: {done:?}");
    }
    home.file("look.md", "# Look\n\n## Steps\n\n```sh {expect_status=200}\ntrue\n```\n");
    let checked = home.expect(1, &["check", "look.md", "--json"]);
    assert!(checked.out.contains("for `http` blocks alone"), "{checked:?}");
    home.file(
        "look.md",
        "# Look\n\n## Steps\n\n```http\nGET https://shop.example/\n```\n\n```http {1,3}\nGET /x\n```\n",
    );
    assert!(
        !home.expect(0, &["show", "look.md", "--json"]).out.contains("\"command\""),
        "what others write is shown"
    );
}
