//! What a text means while it is written.

use std::path::Path;

use api::wire::{LookAt, Looked};

use crate::house::{House, argument};

fn look(house: &House, file: &Path, text: &str, page: bool) -> Looked {
    let path = file.display().to_string();
    house.app.look(LookAt { path, text: text.to_owned(), environment: None, page, around: None }).unwrap()
}

/// The units of a text between two places, as JavaScript cuts them.
fn slice(text: &str, from: u64, to: u64) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    String::from_utf16(&units[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()]).unwrap()
}

const TEXT: &str = "# 😀 Restart\n\n## Stéps\n\n## Steps\n\n1. Look 😀\n2. Do\n\n   ```sh {confrim=x}\n   echo é\n   ```\n\n### Step 3: Wait\n\n- [ ] It waits\n\n## Rollback\n\nBack.\n";

#[test]
fn the_page_is_exactly_what_a_runner_would_see() {
    let house = House::new();
    let bytes = "---\ntitle: X\nowner: team\n---\n# X\n\n- [ ] a\n\n```sh\necho <pod name>\n```\n";
    let file = house.put("a.md", bytes);
    let looked = look(&house, &file, bytes, true);
    let shown = house.app.runbook(argument(&file)).unwrap();
    let [looked, shown] = [&looked.view.unwrap(), &shown].map(|view| serde_json::to_value(view).unwrap());
    assert_eq!(looked, shown);
    assert!(look(&house, &file, bytes, false).view.is_none());
}

#[test]
fn places_are_counted_in_utf_16_units() {
    let house = House::new();
    let file = house.library.join("new.md");
    let text = format!("\u{10ffff}{TEXT}");
    let looked = look(&house, &file, &text, false);
    let item = looked.items.iter().find(|item| item.refused.is_some()).unwrap();
    assert!(slice(&text, item.from, item.to).starts_with("```sh {confrim=x}"), "{item:?}");
    assert!(slice(&text, item.from, item.to).trim_end().ends_with("```"), "{item:?}");
    let problem = looked.problems.iter().find(|problem| problem.code == "attribute-refused").unwrap();
    assert!(slice(&text, problem.from, problem.to).contains("confrim"), "{problem:?}");
}

#[test]
fn the_outline_has_headings_with_their_steps_and_all_that_belongs_to_them() {
    let house = House::new();
    let looked = look(&house, &house.library.join("new.md"), TEXT, false);
    let lines: Vec<String> = looked
        .outline
        .iter()
        .map(|entry| {
            let text = slice(TEXT, entry.from, entry.to);
            let last = text.trim_end().lines().last().unwrap().trim().to_owned();
            format!("{} {} {:?} … {last}", entry.level, entry.title, entry.step.is_some())
        })
        .collect();
    assert_eq!(
        lines,
        [
            "1 😀 Restart false … Back.",
            "2 Stéps false … ## Stéps",
            "2 Steps false … - [ ] It waits",
            "0 Look 😀 true … 1. Look 😀",
            "0 Do true … ```",
            "3 Wait true … - [ ] It waits",
            "2 Rollback false … Back.",
        ]
    );
}

#[test]
fn the_page_shows_the_values_of_the_chosen_environment_and_never_a_secret() {
    let house = House::new();
    house.put("allgood.toml", "[environments.prod]\nvars = { host = \"db-1\" }\n");
    let text = "---\nparams:\n  region: {default: eu-1}\n  token: {default: hunter2, secret: true}\n---\n# A\n\n{{host}} {{region}} {{token}}\n";
    let file = house.put("a.md", text);
    let path = file.display().to_string();
    let shown = |environment: Option<&str>| {
        let environment = environment.map(str::to_owned);
        let asked = LookAt { path: path.clone(), text: text.to_owned(), environment, page: true, around: None };
        serde_json::to_string(&house.app.look(asked).unwrap().view.unwrap().sections).unwrap()
    };
    let (plain, chosen) = (shown(None), shown(Some("prod")));
    assert!(plain.contains("eu-1") && plain.contains("{{host}}") && !plain.contains("db-1"), "{plain}");
    assert!(chosen.contains("db-1") && chosen.contains("eu-1") && !chosen.contains("hunter2"), "{chosen}");
}

#[test]
fn of_a_long_text_the_page_is_what_stands_around_a_line_and_of_a_short_one_all() {
    let house = House::new();
    let file = house.library.join("long.md");
    let path = file.display().to_string();
    let step = |number: usize| {
        let prose = "Words that fill the page. ".repeat(20);
        format!("## Step {number}: Do it\n\n{prose}\n\n```sh\necho {number}\n```\n\n- [ ] It is done\n\n")
    };
    let steps = |count: usize| (1..=count).map(step).collect::<String>();
    let look = |text: &str, around: Option<u64>| {
        let asked = LookAt { path: path.clone(), text: text.to_owned(), environment: None, page: true, around };
        house.app.look(asked).unwrap()
    };
    let short = steps(20);
    assert_eq!(look(&short, Some(50)).shown, None);
    let long = steps(250);
    let whole = look(&long, None);
    assert_eq!(whole.shown, None);
    let all = long.lines().count() as u64;
    let pages = |looked: &Looked| looked.view.as_ref().unwrap().items.clone();
    for line in [1, all / 2, all, all + 9] {
        let part = look(&long, Some(line));
        let shown = part.shown.unwrap();
        assert!(shown.first <= line.min(all) && line.min(all) <= shown.last && shown.all == all, "{line}: {shown:?}");
        assert!(shown.last - shown.first < all / 2, "{line}: {shown:?}");
        // Everything else that is said of the text is said of all of it.
        assert_eq!((part.items.len(), part.outline.len()), (whole.items.len(), whole.outline.len()));
        // What the page shows is what the whole page shows there, and nothing of it is missing.
        let there: Vec<_> =
            pages(&whole).into_iter().filter(|(_, item)| (shown.first..=shown.last).contains(&item.line)).collect();
        let [there, here] =
            [there, pages(&part).into_iter().collect()].map(|items| serde_json::to_string(&items).unwrap());
        assert_eq!(there, here, "{line}");
        let sections = part.view.unwrap().sections;
        let placed = serde_json::to_string(&sections).unwrap();
        assert!(placed.len() < 200_000 && !sections.is_empty(), "{line}: {}", placed.len());
    }
}
