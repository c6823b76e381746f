//! Each code of the completeness check: where it points, how bad it is, and how it is mended.

use std::collections::BTreeMap;

use super::fixing::check_fix;
use crate::Severity::{self, Error, Hint, Warning};
use crate::{Environment, LibraryFile, Place, World, check, parse};

/// What the cases are checked against.
fn world() -> World {
    let nothing = ["gone.md", "gone.md.md", "guides/gone.md", "docs/drain.md"].map(|path| (path, Place::Nothing));
    let ends = [".md", ".markdown", "/index.md", "/README.md", "/_index.md", "/readme.md"];
    let mut places: BTreeMap<String, Place> =
        nothing.into_iter().map(|(path, place)| (path.to_owned(), place)).collect();
    for bare in ["gone.md", "docs/drain.md", "Gone page"] {
        for end in ends {
            places.insert(format!("{bare}{end}"), Place::Nothing);
        }
        places.insert(bare.to_owned(), Place::Nothing);
    }
    places.insert("guides/drain.md".to_owned(), Place::Page(["roll-back".to_owned()].into()));
    places.insert("guides".to_owned(), Place::Here);
    World {
        today: Some("2026-11-22".to_owned()),
        pages: Some(["guides/drain.md".to_owned()].into()),
        places,
        access: Some(["orders-db".to_owned()].into()),
        zones: Some(["Europe/Berlin", "America/New_York", "UTC"].map(str::to_owned).into()),
        library: LibraryFile {
            environments: vec![Environment {
                name: "prod".to_owned(),
                vars: vec![("CLUSTER".to_owned(), "prd-1".to_owned())],
                access: vec![("db".to_owned(), "orders-db".to_owned())],
                ..Environment::default()
            }],
            ..LibraryFile::default()
        },
    }
}

/// Checks that the first problem of that code stands at `«…»`, and that each of its fixes mends it.
fn expect(markdown: &str, code: &str, severity: Severity, fixes: &[&str]) {
    let start = markdown.find('«').unwrap_or_else(|| panic!("{code}: the case marks no place"));
    let end = markdown.find('»').expect("the place ends") - '«'.len_utf8();
    let text = markdown.replace(['«', '»'], "");
    let world = world();
    let problems = check(&parse("case.md", text.as_bytes()), text.as_bytes(), &world);
    let Some(problem) = problems.iter().find(|problem| problem.code == code) else {
        panic!("no {code} in {problems:?}:\n{text}");
    };
    assert_eq!(&text[problem.span.start..problem.span.end], &text[start..end], "{code}: {}", problem.message);
    assert_eq!((problem.span.start, problem.severity), (start, severity), "{code}: {}", problem.message);
    assert_eq!(problem.line, text[..start].matches('\n').count() + 1, "{code}");
    let titles: Vec<&str> = problem.fixes.iter().map(|fix| fix.title.as_str()).collect();
    assert_eq!(titles, fixes, "{code}: {}", problem.message);
    assert!(!problem.message.contains('\n') && problem.message.len() < 260, "one sentence: {}", problem.message);
    for fix in &problem.fixes {
        check_fix("case.md", text.as_bytes(), &problems, &world, problem, fix);
    }
}

fn codes(markdown: &str) -> Vec<&'static str> {
    let problems = check(&parse("case.md", markdown.as_bytes()), markdown.as_bytes(), &world());
    problems.iter().map(|problem| problem.code).collect()
}

/// The text after the fix of that title of the first problem of that code.
fn fixed(markdown: &str, code: &str, title: &str) -> String {
    let problems = check(&parse("case.md", markdown.as_bytes()), markdown.as_bytes(), &world());
    let problem = problems.iter().find(|problem| problem.code == code).unwrap_or_else(|| panic!("no {code}"));
    let fix = problem.fixes.iter().find(|fix| fix.title == title).unwrap_or_else(|| panic!("{:?}", problem.fixes));
    String::from_utf8(crate::apply(markdown.as_bytes(), &fix.edits).expect("edits")).expect("text")
}

#[test]
fn what_reading_finds_points_at_the_word_and_is_mended() {
    for (markdown, code, severity, fixes) in [
        ("---\nkind: «incidnet»\n---\nText\n", "front-matter", Error, vec!["Write incident"]),
        ("---\nreviewed: «soon»\n---\nText\n", "front-matter", Error, vec![]),
        ("---\n«schedule: \"0 0 30 2 *\"»\n---\nText\n", "front-matter", Error, vec![]),
        ("## Fix\n\n«```sh»\nls\n", "unclosed-fence", Error, vec!["Close the fence"]),
        ("## Fix\n\n```sh «{name=a timeout=5s»\nls\n```\n", "attributes", Error, vec!["Close the braces"]),
        ("## Fix\n\n```sh «{name=\"a}»\nls\n```\n", "attributes", Error, vec![]),
        ("## Fix\n\n```sh {«tiemout»=5s}\nls\n```\n", "attribute-refused", Error, vec!["Write timeout"]),
        (
            "## Fix\n\n```sh {\"name\": \"a\", «\"tiemout\"»: \"5s\"}\nls\n```\n",
            "attribute-refused",
            Error,
            vec!["Write timeout"],
        ),
        ("## Fix\n\n```sh «timeout=5s»\nls\n```\n", "attribute-refused", Error, vec!["Put it in braces"]),
        ("## Fix\n\n```sh «timeout=5s» {name=a}\nls\n```\n", "attribute-refused", Error, vec!["Put it in braces"]),
        ("## Fix\n\n```sh {«timeout=soon»}\nls\n```\n", "attribute-refused", Error, vec![]),
        (
            "## Fix\n\n```sh {name=a}\nls\n```\n\n```sh {name=«a»}\nls\n```\n",
            "duplicate-name",
            Error,
            vec!["Name it a-2"],
        ),
        ("## Fix\n\n```sh {expect=«/[/»}\nls\n```\n", "bad-expression", Error, vec!["Take it as it is written"]),
        ("## Fix\n\n```sh {«colour»=red}\nls\n```\n", "unknown-attribute", Hint, vec!["Remove it"]),
        ("---\n«reviewd»: 2026-01-01\n---\nText\n", "unknown-attribute", Hint, vec!["Write reviewed"]),
        ("## Look\n\n```sh\n$ ls\n«file»\n```\n", "mixed-prompt", Hint, vec![]),
        ("## Look\n\n```shell\n«app=# show pools;»\n```\n", "other-prompt", Hint, vec!["Mark it as text"]),
        ("## Look\n\n```«bash»\napiVersion: v1\n```\n", "not-a-command", Hint, vec!["Mark it as text"]),
        ("## Look\n\n«```»\nkubectl get pods\n```\n", "guessed", Hint, vec!["Mark it as sh", "Mark it as text"]),
        ("## Look\n\n```sh\nssh «<the host>» uptime\n```\n", "placeholder", Hint, vec!["Make it a parameter"]),
    ] {
        expect(markdown, code, severity, &fixes);
    }
}

#[test]
fn what_is_missing_points_at_the_step_and_is_mended() {
    let step = "## Do\n\n1. Look\n\n«2. Move the poolers»\n\n   ```sh\n   ./move\n   ```\n3. End\n";
    expect(step, "no-validation", Warning, &["Add expect", "Verify by hand"]);
    expect(step, "no-rollback", Warning, &["Add undo block", "Say undo=none"]);
    let heading = "## Procedure\n\n«### 4. Repoint the poolers»\n\n```sh {name=repoint}\n./repoint\n```\n";
    expect(heading, "no-validation", Warning, &["Add expect", "Verify by hand"]);
    let quote = "«## Fix»\n\n> Do\n>\n> ```sh\n> x\n> ```\n";
    expect(quote, "no-rollback", Warning, &["Add undo block", "Say undo=none"]);
    expect(quote, "no-validation", Warning, &["Add expect", "Verify by hand"]);
    for (code, fix, kind) in [
        ("no-preconditions", "Add preconditions", "routine"),
        ("no-outcome", "Add outcome", "routine"),
        ("no-owner", "Add owner", "routine"),
        ("no-links", "Add links", "routine"),
        ("no-preconditions", "Add preconditions", "incident"),
        ("no-owner", "Add owner", "incident"),
        ("no-severity", "Add severity", "incident"),
        ("no-responders", "Add responders", "incident"),
        ("no-links", "Add links", "incident"),
    ] {
        for body in [
            "# Title\n\nText\n\n## Procedure\n\n1. Do\n",
            "# Title\n\n1. Do\n2. Go\n",
            "1. Do\n",
            "Title\n=====\n\n1. Do\n",
            "",
        ] {
            expect(&format!("«---»\nkind: {kind}\n---\n{body}"), code, Hint, &[fix]);
            expect(&format!("«+++»\nkind = \"{kind}\"\n[params.x]\nprompt = \"y\"\n+++\n{body}"), code, Hint, &[fix]);
            expect(&format!("«{{»\n  \"kind\": \"{kind}\"\n}}\n{body}"), code, Hint, &[fix]);
            expect(
                &format!("«---»\r\nkind: {kind}\r\nowner:\r\n---\r\n{}", body.replace('\n', "\r\n")),
                code,
                Hint,
                &[fix],
            );
        }
    }
}

#[test]
fn the_number_of_a_step_names_it() {
    let text = "## Procedure\n\n### 4. Repoint the poolers\n\n```sh\n./repoint\n```\n";
    let problems = check(&parse("case.md", text.as_bytes()), text.as_bytes(), &World::default());
    let message =
        |code: &str| problems.iter().find(|one| one.code == code).map(|one| one.message.clone()).unwrap_or_default();
    assert!(message("no-validation").starts_with("Step 4 changes something"), "{}", message("no-validation"));
    assert!(
        message("no-rollback").starts_with("Step 4 changes something and has no undo"),
        "{}",
        message("no-rollback")
    );
}

#[test]
fn what_the_world_knows_points_at_the_word_and_is_mended() {
    for (markdown, code, severity, fixes) in [
        ("---\nparams: {region: {}}\n---\nIn «{{regoin}}».\n", "unknown-variable", Error, vec!["Write region"]),
        (
            "---\nparams:\n  region: {}\n---\nIn «{{bucket}}».\n",
            "unknown-variable",
            Error,
            vec!["Declare a parameter"],
        ),
        ("In «{{bucket}}».\n", "unknown-variable", Hint, vec!["Declare a parameter"]),
        (
            "---\nenv: {A: b}\n---\n```message\nHello «{{team}}»\n```\n",
            "unknown-variable",
            Error,
            vec!["Declare a parameter"],
        ),
        (
            "---\naccess:\n  PW: keychain://«ordrs-db»/password\n---\nText\n",
            "unknown-access",
            Error,
            vec!["Write orders-db"],
        ),
        (
            "---\nschedule: {cron: '@daily', zone: «Berlin»}\n---\nText\n",
            "front-matter",
            Error,
            vec!["Write Europe/Berlin"],
        ),
        (
            "+++\nschedule = { zone = \"«new york»\", cron = \"@daily\" }\n+++\nText\n",
            "front-matter",
            Error,
            vec!["Write America/New_York"],
        ),
        (
            "{\n  \"schedule\": {\"cron\": \"@daily\", \"zone\": \"«Mars/Olympus»\"}\n}\nText\n",
            "front-matter",
            Error,
            vec![],
        ),
        (
            "---\nreviewed: «2026-01-01»\nreview_every: 90d\n---\nText\n",
            "review-overdue",
            Warning,
            vec!["Reviewed today"],
        ),
        (
            "---\nlast_reviewed_on: «2025-01-01»\nreview_in: 1 year\n---\nText\n",
            "review-overdue",
            Warning,
            vec!["Reviewed today"],
        ),
        ("---\nowner: web team\n«# guidance: who»\n---\nText\n", "guidance", Hint, vec!["Remove the guidance"]),
        ("## A\n\n«<!-- guidance: say it -->»\n\nThis.\n", "guidance", Hint, vec!["Remove the guidance"]),
        ("See [it](«docs/drain.md»).\n", "dead-link", Warning, vec!["Link to guides/drain.md"]),
        ("See [it][1].\n\n[1]: «gone.md»\n", "dead-link", Warning, vec![]),
        ("See <a href=\"«gone.md»\">it</a>.\n", "dead-link", Warning, vec![]),
        ("See [[«Gone page»]].\n", "dead-link", Warning, vec![]),
        ("# Roll back\n\nSee [it](«#rollback-it»).\n", "dead-link", Warning, vec!["Link to #roll-back"]),
        ("See [it](«guides/drain.md#roll-bcak»).\n", "dead-link", Warning, vec!["Link to #roll-back"]),
        ("## Look\n\n«```sh {probe}»\nls\n```\n", "no-timeout", Hint, vec!["Say within=1m"]),
        ("## Look\n\n«```sh {on=orders-db}»\nls\n```\n", "no-timeout", Hint, vec!["Add timeout=5m"]),
    ] {
        expect(markdown, code, severity, &fixes);
    }
}

#[test]
fn a_secret_points_at_the_value_and_is_mended() {
    let value = ["kT9xV2", "mQ7rLw"].concat();
    let both = ["Ask for it", "Not a secret"];
    for script in [
        "PGPASSWORD=«V» psql",
        "psql \"password=«V» host=db\"",
        "tool --password='«V»'",
        "cat <<EOF\npassword: «V»\nEOF",
    ] {
        let text = format!("## Fix\n\n```sh\n{}\n```\n", script.replace('V', &value));
        let text = text.replace(&format!("PGPASS{value}ORD"), "PGPASSWORD");
        expect(&text, "secret-in-text", Error, &both);
    }
    expect(&format!("The password: «{value}»\n"), "secret-in-text", Error, &["Not a secret"]);
    let text = format!("## Fix\n\n```sh\nPGPASSWORD={value} psql\n```\n");
    let asked = fixed(&text, "secret-in-text", "Ask for it");
    assert!(asked.contains("PGPASSWORD=\"${PGPASSWORD}\" psql"), "{asked}");
    let runbook = parse("case.md", asked.as_bytes());
    let param = runbook.settings.params.first().expect("a parameter");
    assert!(param.name == "PGPASSWORD" && param.secret && param.required, "{param:?}");
    assert!(!asked.contains(&value));
}

#[test]
fn a_value_that_a_person_calls_no_secret_is_none_and_another_in_its_place_is_one() {
    let text = |value: &str| format!("password: {value}\n");
    let (one, other) = (["kT9xV2", "mQ7rLw"].concat(), ["kT9xV3", "mQ7rLw"].concat());
    let said = fixed(&text(&one), "secret-in-text", "Not a secret");
    assert!(!codes(&said).contains(&"secret-in-text"), "{said}");
    assert!(codes(&said.replace(&one, &other)).contains(&"secret-in-text"));
}

#[test]
fn no_message_holds_the_secret() {
    let value = ["kT9xV2", "mQ7rLw"].concat();
    let text = format!("---\ntitle: x\n---\n## Fix\n\n```sh\nPGPASSWORD={value} psql\n```\n");
    for problem in check(&parse("case.md", text.as_bytes()), text.as_bytes(), &world()) {
        assert!(!problem.message.contains(&value), "{problem:?}");
        assert!(
            problem.fixes.iter().flat_map(|fix| &fix.edits).all(|edit| !edit.text.contains(&value)),
            "{problem:?}"
        );
    }
}

#[test]
fn a_placeholder_becomes_a_variable_quoted_for_its_place() {
    for (script, expected) in [
        ("ssh <the host> uptime", "ssh \"${THE_HOST}\" uptime"),
        ("ssh \"<the host>\"", "ssh \"${THE_HOST}\""),
        ("echo 'at <the host>'", "echo 'at '\"${THE_HOST}\"''"),
        ("cat <<EOF\n<the host>\nEOF", "cat <<EOF\n${THE_HOST}\nEOF"),
    ] {
        let mended = fixed(&format!("## Look\n\n```sh\n{script}\n```\n"), "placeholder", "Make it a parameter");
        assert!(mended.contains(expected), "{mended}");
        assert!(mended.contains("params:\n  THE_HOST: {prompt: \"the host\", required: true}\n"), "{mended}");
    }
    let twice = "## Look\n\n```sh\nping <pod>\n```\n\n```sh\ndig <pod>\n```\n";
    assert_eq!(codes(twice).iter().filter(|code| **code == "placeholder").count(), 1);
    assert!(!fixed(twice, "placeholder", "Make it a parameter").contains("<pod>"));
}

#[test]
fn placeholders_are_one_problem_for_a_file_however_many_there_are() {
    let names = ["node", "pod", "zone", "disk", "role", "team"];
    let blocks: String = names.iter().map(|name| format!("```sh\nping <{name}> -n <ns>\n```\n\n")).collect();
    let text = format!("## Look\n\n{blocks}");
    let mut found = check(&parse("case.md", text.as_bytes()), text.as_bytes(), &world());
    found.retain(|problem| problem.code == "placeholder");
    let [problem] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(problem.line, 4, "where the first one stands");
    // What most commands ask for is named first.
    assert!(problem.message.starts_with("`<ns>`, `<node>`, `<pod>` and 4 more are asked for"), "{}", problem.message);
    assert_eq!(problem.fixes.len(), 5);
    assert!(!fixed(&text, "placeholder", "Make <ns> a parameter").contains("<ns>"));
    let two = fixed("## Look\n\n```sh\nping <pod>\ndig <node>\n```\n", "placeholder", "Make <node> a parameter");
    assert!(two.contains("ping <pod>\ndig \"${NODE}\"\n"), "{two}");
}

#[test]
fn what_is_in_order_is_no_problem() {
    for markdown in [
        "See the [map]({{ site.baseurl }}/map).\n\n## Notes\n\nAlert {{ $labels.pod }} fired.\n",
        "---\nparams: {region: {}}\n---\nIn {{region}} of {{CLUSTER}}, `{{code}}`.\n",
        "---\naccess:\n  PW: keychain://db/password\n---\nText\n",
        "---\nreviewed: 2026-11-01\nreview_every: 90d\n---\nText\n",
        "---\nreviewed: 2020-01-01\n---\nText\n",
        "# Roll back\n\n[a](#roll-back) [b](guides/drain.md#roll-back) [c](guides/) [d](https://x.test/gone.md) [e](unseen.md) [f](../out.md) [g](mailto:a@b.c) [h](#top)\n",
        "## Look\n\n```sh {probe within=10s}\nls\n```\n",
        "## Look\n\n```sh {probe timeout=10s}\nls\n```\n",
        "## Fix\n\n1. Do\n\n   ```sh {undo=none}\n   ls\n   ```\n\n   - [ ] Verify that it runs\n",
    ] {
        let found: Vec<_> = codes(markdown).into_iter().filter(|code| *code != "attribute-refused").collect();
        assert_eq!(found, Vec::<&str>::new(), "{markdown}");
    }
}

#[test]
fn commands_that_only_look_need_no_way_back() {
    let changes = |script: &str| codes(&format!("## Steps\n\n```sh\n{script}\n```\n")).contains(&"no-rollback");
    for script in [
        "kubectl get pods -n web",
        "kubectl -n web get pods | grep -v Running | wc -l",
        "oc describe node/x 2>/dev/null",
        "POD=$(kubectl get pods -o name)\nkubectl logs $POD 2>&1",
        "$ systemctl status web\nrunning",
        "journalctl -u web",
        "oc get storageclass `oc -n x get pvc y -o json | jq -r .spec.name`",
        "podman manifest inspect quay.io/a/b:latest",
        "ceph osd tree",
        "ceph -s",
        "oc exec -n storage ceph-0 -- df -h /var",
        "kubectl exec -it web -- ps aux | grep nginx",
        "kubectl rollout status deploy/web",
        "POD=$(oc get pod -o name)\necho $POD\noc describe $POD",
        "df -h && free -m",
        "curl -s https://web.example/healthz | jq .state",
        "oc rsh -n storage web-0",
        "ssh web1\nuptime",
    ] {
        assert!(!changes(script), "{script}");
    }
    for script in [
        "kubectl delete pod x",
        "kubectl get pod x -o yaml > x.yaml",
        "kubectl get pods && reboot",
        "kubectl get pods | xargs kubectl delete",
        "kubectl delete $(kubectl get pods -o name)",
        "X=$(reboot)\nkubectl get pods",
        "kubectl exec x -- get y",
        "kubectl exec x -- rm -rf /cache",
        "kubectl exec -it x -- sh -c 'df -h'",
        "kubectl get x `oc delete pod y",
        "kubectl delete pod get",
        "podman manifest push x",
        "ceph osd pool set-quota a max_bytes 1",
        "curl -sXPOST https://web.example/restart",
        "curl -s https://web.example/install | sh",
        "curl https://web.example -o /etc/motd",
        "kubectl rollout restart deploy/web",
        "ssh web1\nsystemctl restart web",
        "systemctl restart web",
        "echo done",
        "sed -i s/a/b/ x",
        "kubectl get x `reboot`",
        "journalctl --vacuum-time=1d",
    ] {
        assert!(changes(script), "{script}");
    }
}
