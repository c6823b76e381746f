//! Every row of FORMAT-CASES.md.

use crate::{ItemKind, Phase, Runbook, parse};

/// Reads a case: `⏎` is a line end, `~~~` a fence.
fn read(markdown: &str) -> Runbook {
    parse("case.md", markdown.replace('⏎', "\n").as_bytes())
}

/// The outline: `phase: title [kind kind]; title [kind]`, a phase that goes on is not said again.
fn outline(runbook: &Runbook) -> String {
    let mut text = String::new();
    let mut last = None;
    for section in &runbook.phases {
        if last != Some(section.phase) {
            if !text.is_empty() {
                text.push_str(" | ");
            }
            text.push_str(&format!("{:?}:", section.phase).to_lowercase());
        }
        last = Some(section.phase);
        for step in &section.steps {
            let kinds: Vec<String> =
                step.items.iter().map(|item| format!("{:?}", item.kind).to_lowercase()).collect();
            text.push_str(&format!(" {} [{}]", step.title, kinds.join(" ")));
        }
    }
    text
}

fn hints(runbook: &Runbook) -> Vec<&str> {
    runbook.problems.iter().map(|problem| problem.code).filter(|code| !code.starts_with("no-")).collect()
}

#[test]
fn every_case_gives_its_phases_steps_and_items() {
    let cases = [
        ("## Mitigation⏎⏎Move the tenants to another node.", "steps: Mitigation [check]"),
        ("## Troubleshooting⏎⏎- [Queue stuck](q.md)⏎- [Cache cold](c.md)", "diagnosis:"),
        (
            "## Steps⏎⏎1. Stop the job⏎~~~sh⏎jobctl stop nightly⏎~~~⏎2. Wait a minute⏎⏎3. Start it⏎~~~sh⏎jobctl start nightly⏎~~~",
            "steps: Stop the job [command] Wait a minute [check] Start it [command]",
        ),
        (
            "## Steps⏎⏎1. Stop⏎~~~sh⏎svc stop⏎~~~⏎1. Start⏎~~~sh⏎svc start⏎~~~",
            "steps: Stop [command] Start [command]",
        ),
        (
            "## Steps⏎⏎~~~sh⏎export NS=web⏎~~~⏎⏎1. Open the dashboard⏎2. Note the peak⏎⏎When it is flat again:⏎⏎~~~sh⏎kubectl -n $NS get hpa⏎~~~",
            "steps: Steps [command] Open the dashboard [check] Note the peak [check] When it is flat again: [command]",
        ),
        (
            "# Move a service⏎⏎## 1. Tell the team⏎⏎Post in the channel.⏎⏎## 2. Verify the pods⏎⏎~~~sh⏎kubectl get pods⏎~~~⏎⏎## 3. References⏎⏎- [Design](d.md)",
            "steps: Tell the team [check] Verify the pods [command] | reference:",
        ),
        (
            "## Pre-requisites⏎⏎1. VPN is up⏎2. You are in group ops",
            "preconditions: VPN is up [check] You are in group ops [check]",
        ),
        (
            "# Access the cache⏎⏎## Access the console⏎⏎~~~sh⏎redis-cli -h cache-1 ping⏎~~~",
            "steps: Access the console [command]",
        ),
        ("## Fields of the answer⏎⏎1. `status`: the code⏎2. `body`: the text", "reference:"),
        (
            "## Renew a token⏎⏎1. Open the admin page⏎2. Click **Renew**",
            "steps: Open the admin page [check] Click Renew [check]",
        ),
        ("## Look⏎⏎~~~⏎kubectl get pods -n web⏎~~~", "steps: Look [command]"),
        ("## Look⏎⏎~~~⏎NAME    READY   STATUS⏎web-0   1/1     Running⏎~~~", "reference:"),
        ("## Look⏎⏎~~~⏎# newest first⏎$ git log -3⏎a1b2 fix⏎~~~", "steps: Look [command]"),
        (
            "## Look⏎⏎~~~bash⏎# all nodes⏎$ oc get nodes⏎# one of them⏎$ oc describe node n1⏎~~~",
            "steps: Look [command]",
        ),
        (
            "## Look⏎⏎~~~console⏎sum by (job) (rate(http_errors_total[5m])) > 5⏎~~~⏎⏎~~~bash⏎apiVersion: v1⏎kind: Pod⏎~~~⏎⏎~~~sh⏎I0102 10:00:00.1   7 main.go:3] started⏎~~~",
            "reference:",
        ),
        ("## Fix⏎⏎~~~console⏎# systemctl restart kubelet⏎~~~", "steps: Fix [check]"),
        (
            "## Look⏎⏎~~~bash⏎sh-5.1# chroot /host⏎~~~⏎⏎~~~shell⏎app=# show pools;⏎~~~⏎⏎~~~sh⏎> info keyspace⏎~~~",
            "reference:",
        ),
        ("## Look⏎⏎~~~console⏎$ oc debug node/<node>⏎$ chroot /host⏎$ top -b -n1⏎~~~", "steps: Look [command]"),
        (
            "## Look⏎⏎1. Log in⏎   ~~~sh⏎   ssh <host address>⏎   ~~~⏎2. Read the log⏎   ~~~sh⏎   journalctl -u kubelet⏎   ~~~",
            "steps: Log in [command] Read the log [command]",
        ),
        ("## Load⏎⏎~~~sh⏎mysql -u<user> -h \"<db host>\" < dump.sql > out.log⏎~~~", "steps: Load [command]"),
        (
            "## Mark⏎⏎~~~sh⏎git commit --author \"Ann <ann@example.org>\"⏎cert=\"$(base64 <in.crt)\" >/dev/null⏎~~~",
            "steps: Mark [command]",
        ),
        (
            "## Look⏎⏎~~~sh⏎kubectl -n [NAMESPACE] get pod {pod-name} -o jsonpath='{range .items[*]}{end}'⏎~~~",
            "steps: Look [command]",
        ),
        ("## Look⏎⏎~~~sh⏎oc get co $OPERATOR -o yaml⏎echo '$HOME2' \"${LEVEL:-1}\"⏎~~~", "steps: Look [command]"),
        ("## Check⏎⏎~~~ruby⏎User.find(7).unlock!⏎~~~⏎⏎~~~ruby {name=count}⏎puts 1⏎~~~", "steps: Check [command]"),
        ("See the [map]({{ site.baseurl }}/map).⏎⏎## Notes⏎⏎Alert {{ $labels.pod }} fired.", "reference:"),
    ];
    for (number, (markdown, expected)) in cases.iter().enumerate() {
        assert_eq!(outline(&read(markdown)), *expected, "row {}: {markdown}", number + 1);
    }
}

/// The first item of a case.
fn item(markdown: &str) -> crate::Item {
    read(markdown).items().next().map(|(_, _, item)| item.clone()).expect("an item")
}

#[test]
fn row_5_the_variable_is_set_by_the_command_before() {
    let runbook = read("## Steps⏎⏎~~~sh⏎export NS=web⏎~~~⏎⏎1. Open⏎⏎Then:⏎⏎~~~sh⏎kubectl -n $NS get hpa⏎~~~");
    let items: Vec<_> = runbook.items().map(|(_, _, item)| item).collect();
    assert_eq!(
        (items[0].sets.as_slice(), items[2].variables.as_slice()),
        (["NS".to_owned()].as_slice(), ["NS".to_owned()].as_slice())
    );
}

#[test]
fn row_11_is_guessed() {
    let runbook = read("## Look⏎⏎~~~⏎kubectl get pods -n web⏎~~~");
    assert!(runbook.items().all(|(_, _, item)| item.guessed));
    assert_eq!(hints(&runbook), ["guessed"]);
}

#[test]
fn rows_13_and_14_tell_commands_from_output() {
    let sampled = item("## Look⏎⏎~~~⏎# newest first⏎$ git log -3⏎a1b2 fix⏎~~~");
    assert_eq!((sampled.script.as_str(), sampled.sample.as_deref()), ("git log -3", Some("a1b2 fix")));
    let plain = item("## Look⏎⏎~~~bash⏎# all nodes⏎$ oc get nodes⏎# one of them⏎$ oc describe node n1⏎~~~");
    assert_eq!((plain.script.as_str(), plain.sample), ("oc get nodes\noc describe node n1", None));
}

#[test]
fn rows_15_to_17_hint_at_what_is_text() {
    for (markdown, expected) in [
        (
            "## Look⏎⏎~~~console⏎sum by (job) (rate(http_errors_total[5m])) > 5⏎~~~⏎⏎~~~bash⏎apiVersion: v1⏎kind: Pod⏎~~~⏎⏎~~~sh⏎I0102 10:00:00.1   7 main.go:3] started⏎~~~",
            vec!["not-a-command"; 3],
        ),
        ("## Fix⏎⏎~~~console⏎# systemctl restart kubelet⏎~~~", vec!["other-prompt"]),
        (
            "## Look⏎⏎~~~bash⏎sh-5.1# chroot /host⏎~~~⏎⏎~~~shell⏎app=# show pools;⏎~~~⏎⏎~~~sh⏎> info keyspace⏎~~~",
            vec!["other-prompt"; 3],
        ),
    ] {
        assert_eq!(hints(&read(markdown)), expected, "{markdown}");
    }
}

#[test]
fn rows_18_and_19_keep_what_is_meant_for_another_shell_from_running_here() {
    let item = item("## Look⏎⏎~~~console⏎$ oc debug node/<node>⏎$ chroot /host⏎$ top -b -n1⏎~~~");
    assert_eq!(item.script, "oc debug node/<node>");
    assert_eq!(item.placeholders, ["node"]);
    assert_eq!(item.session_input, ["chroot /host", "top -b -n1"]);
    let runbook = read(
        "## Look⏎⏎1. Log in⏎   ~~~sh⏎   ssh <host address>⏎   ~~~⏎2. Read the log⏎   ~~~sh⏎   journalctl -u kubelet⏎   ~~~",
    );
    assert_eq!(runbook.items().map(|(_, _, item)| item.opens_session).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn rows_20_to_23_find_what_a_command_waits_for() {
    let load = item("## Load⏎⏎~~~sh⏎mysql -u<user> -h \"<db host>\" < dump.sql > out.log⏎~~~");
    assert_eq!(load.placeholders, ["user", "db host"]);
    assert!(!load.opens_session);
    let mark = item(
        "## Mark⏎⏎~~~sh⏎git commit --author \"Ann <ann@example.org>\"⏎cert=\"$(base64 <in.crt)\" >/dev/null⏎~~~",
    );
    assert!(mark.placeholders.is_empty());
    let look =
        item("## Look⏎⏎~~~sh⏎kubectl -n [NAMESPACE] get pod {pod-name} -o jsonpath='{range .items[*]}{end}'⏎~~~");
    assert_eq!(look.doubts, ["[NAMESPACE]", "{pod-name}"]);
    let unset = item("## Look⏎⏎~~~sh⏎oc get co $OPERATOR -o yaml⏎echo '$HOME2' \"${LEVEL:-1}\"⏎~~~");
    assert_eq!(unset.variables, ["OPERATOR"]);
}

#[test]
fn row_24_programs_run_when_they_have_attributes() {
    let item = item("## Check⏎⏎~~~ruby⏎User.find(7).unlock!⏎~~~⏎⏎~~~ruby {name=count}⏎puts 1⏎~~~");
    assert_eq!((item.id.as_str(), item.script.as_str(), item.kind), ("count", "puts 1", ItemKind::Command));
}

#[test]
fn row_25_foreign_templates_are_left_alone() {
    let runbook = read("See the [map]({{ site.baseurl }}/map).⏎⏎## Notes⏎⏎Alert {{ $labels.pod }} fired.");
    assert_eq!(runbook.problems, []);
    assert!(runbook.phases.iter().all(|section| section.phase == Phase::Reference));
}
