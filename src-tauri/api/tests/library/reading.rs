//! What the library file and the values of a run make of a page.

use std::{collections::BTreeMap, fmt::Write as _};

use api::{commands::*, wire::*};

use super::house::{House, path};

/// Everything that a page says.
fn html(view: &RunbookView) -> String {
    let mut all = String::new();
    for section in &view.sections {
        let steps = section.steps.iter().flat_map(|step| &step.body);
        for part in section.intro.iter().chain(steps).chain(&section.outro) {
            if let Part::Html(html) = part {
                write!(all, "{html}").unwrap();
            }
        }
    }
    all
}

fn commands(view: &RunbookView) -> usize {
    view.items.values().filter(|item| item.kind == ItemKind::Command).count()
}

fn start(house: &House, view: &RunbookView, environment: Option<&str>, values: &[(&str, &str)]) -> RunView {
    let values: BTreeMap<String, String> =
        values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    house
        .app
        .run_start(StartRun {
            step: None,
            path: view.path.clone(),
            revision: view.revision.clone(),
            mode: Mode::Hand,
            values,
            environment: environment.map(str::to_owned),
            environment_typed: None,
        })
        .unwrap()
}

const GREETING: &str = r"---
params:
  who: { default: nobody }
  pass: { secret: true, required: false }
env:
  place: home
---
# Greet

To {{who}} at {{place}} with {{pass}}, not {{other}}.

## Steps

### Say it

Say it to {{who}} at {{host}}.

- [ ] Said
";

#[test]
fn the_prose_of_a_page_and_of_a_run_says_the_values_and_never_a_secret_one() {
    let house = House::new();
    house.write("allgood.toml", "[environments.staging]\nkind = \"staging\"\nvars = { host = \"stage-7\" }\n");
    let file = house.write("greet.md", GREETING);
    let library = house.add();
    house.app.library_trust(IdArgument { id: library }).unwrap();

    let view = house.app.runbook(path(&file)).unwrap();
    let read = html(&view);
    assert!(read.contains(">nobody<") && read.contains(">home<"), "{read}");
    assert!(read.contains("{{pass}}") && read.contains("not {{other}}"), "{read}");

    let run = start(&house, &view, Some("staging"), &[("who", "Ada <3"), ("pass", "open sesame")]);
    let again = house.app.run_view(RunArgument { run: run.run.id.clone() }).unwrap();
    for read in [html(&run.runbook), html(&again.runbook)] {
        assert!(read.contains("Ada &lt;3") && read.contains("stage-7"), "{read}");
        assert!(read.contains("{{pass}}") && !read.contains("sesame"), "{read}");
    }

    house
        .app
        .run_do(RunDo { run: run.run.id.clone(), action: RunAction::Abandon { reason: Some("enough".to_owned()) } })
        .unwrap();
    let house = house.reopen();
    let over = house.app.run_view(RunArgument { run: run.run.id }).unwrap();
    let read = html(&over.runbook);
    assert!(read.contains("Ada &lt;3") && read.contains("stage-7") && !read.contains("sesame"), "{read}");
}

#[test]
fn commands_that_the_library_file_names_are_commands_in_the_list_on_the_page_and_in_a_run() {
    let house = House::new();
    let text = "# Ship\n\n## Steps\n\n### Go\n\n```\nshipctl roll out\n```\n";
    let file = house.write("ship.md", text);
    let library = house.add();
    house.app.library_trust(IdArgument { id: library }).unwrap();
    assert_eq!(commands(&house.app.runbook(path(&file)).unwrap()), 0, "an unknown word is no command");

    house.write("allgood.toml", "[library]\ncommands = [\"shipctl\"]\nignore = [\"drafts\"]\n");
    house.write("drafts/early.md", "# Early\n");
    house.app.library_rescan(Nothing {}).unwrap();
    let rows = house.app.library_list(ListQuery { sort: ListSort::Path, ..ListQuery::default() }).unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.title.as_str()).collect::<Vec<_>>(), ["Ship"]);
    let view = house.app.runbook(path(&file)).unwrap();
    assert_eq!(commands(&view), 1);
    let run = start(&house, &view, None, &[]);
    assert_eq!(commands(&run.runbook), 1);
}

#[test]
fn a_link_leads_to_the_runbook_that_it_names_and_never_out_of_the_library() {
    let house = House::new();
    let from = house.write("teams/web/deploy.md", "# Deploy\n");
    let back = house.write("teams/roll-back.md", "# Roll back\n");
    let cache = house.write("teams/web/cache/README.md", "# Cache\n");
    house.write("teams/web/plan.png", [0x89, b'P', b'N', b'G']);
    house.add();
    let follow =
        |link: &str| house.app.link_follow(FollowLink { path: from.display().to_string(), link: link.to_owned() });
    for (link, leads) in [
        ("../roll-back.md", &back),
        ("../roll-back.md#steps", &back),
        ("../roll-back", &back),
        ("/teams/roll%2Dback.md", &back),
        ("[[roll back]]", &back),
        ("[[Roll-Back#steps]]", &back),
        ("cache/", &cache),
    ] {
        assert_eq!(follow(link).unwrap(), leads.display().to_string(), "{link}");
    }
    for (link, says) in [
        ("../../../etc/passwd", "leads out of"),
        ("https://example.net/x.md", "leads out of"),
        ("gone.md", "leads nowhere"),
        ("[[nobody wrote it]]", "leads nowhere"),
        ("plan.png", "is no runbook"),
    ] {
        let error = follow(link).unwrap_err();
        assert!(error.message.contains(says), "{link}: {}", error.message);
    }
}
