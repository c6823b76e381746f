use super::*;
use crate::{Severity, World, apply, check};

/// Codes of what only a person can answer.
const TO_ANSWER: &[&str] = &["no-owner", "no-outcome", "no-links", "no-responders", "placeholder"];

#[test]
fn every_template_passes_the_check_and_leaves_only_questions() {
    for template in templates() {
        let runbook = parse("t.md", template.text.as_bytes());
        // However late somebody looks at the template's own file, it is no runbook whose review is due.
        let world = World { today: Some("2199-01-01".to_owned()), ..World::default() };
        for problem in check(&runbook, template.text.as_bytes(), &world) {
            assert!(
                problem.severity == Severity::Hint && TO_ANSWER.contains(&problem.code),
                "{}: {problem:?}",
                template.name
            );
        }
        assert_eq!(runbook.settings.refused, None, "{}", template.name);
    }
}

#[test]
fn a_new_runbook_has_its_title_owner_and_day_and_passes_the_check_too() {
    for template in templates() {
        let text =
            new_runbook(template.name, "Disk: 100 % [full] on `db`", "web team", "2026-11-22").expect("is there");
        let runbook = parse("t.md", text.as_bytes());
        assert_eq!(runbook.title, "Disk: 100 % [full] on `db`");
        assert_eq!(runbook.front_matter["owner"], "web team", "{}", template.name);
        assert_eq!(runbook.front_matter["reviewed"], "2026-11-22", "{}", template.name);
        assert!(text.contains("---\n\n# Disk: 100 % \\[full\\] on \\`db\\`\n\n"), "{text}");
        let world = World { today: Some("2026-11-22".to_owned()), ..World::default() };
        for problem in check(&runbook, text.as_bytes(), &world) {
            assert!(problem.severity == Severity::Hint && problem.code != "guidance", "{problem:?}");
        }
        // What the owner answers has gone, and with it nothing else.
        let guidance = template.text.matches(MARK).count() - text.matches(MARK).count();
        assert_eq!(guidance, usize::from(template.text.contains("\nowner:\n# guidance:")), "{}", template.name);
        let unchanged = new_runbook(template.name, " ", "", "").expect("is there");
        assert_eq!(unchanged, template.text);
    }
    assert_eq!(new_runbook("none", "", "", ""), None);
    assert_eq!(file_name("Disk: 100 % full"), "disk-100-full.md");
}

#[test]
fn an_incident_and_a_routine_have_the_parts_that_are_asked_of_them() {
    let text = |name: &str| templates().into_iter().find(|one| one.name == name).expect("is there").text;
    for part in [
        "severity:",
        "responders:",
        "to=\"engineers\"",
        "to=\"operations\"",
        "to=\"customers\"",
        "## Overview",
        "## Access",
        "links:",
        "outcome:",
        "## Validation",
        "## Rollback",
        "**If it fails**",
    ] {
        assert!(text("incident").contains(part), "{part}");
    }
    for part in ["## Description", "outcome:", "## Access", "links:", "## Steps", "## Verification", "## Contingency"]
    {
        assert!(text("routine").contains(part), "{part}");
    }
}

#[test]
fn no_page_shows_guidance_and_none_of_it_is_answered_in_a_new_runbook() {
    for template in templates() {
        let runbook = parse("t.md", template.text.as_bytes());
        let found = guidance(&runbook, template.text.as_bytes());
        assert_eq!(found.len(), template.text.matches(MARK).count(), "{}", template.name);
        assert!(found.iter().all(|one| !one.answered), "{}: {found:?}", template.name);
        let page = format!("{:?}", crate::page(&runbook, template.text.as_bytes()));
        assert!(!page.contains("guidance"), "{}", template.name);
        // Taken out one by one, nothing else goes.
        let mut text = template.text.to_owned();
        while let Some(first) = guidance(&parse("t.md", text.as_bytes()), text.as_bytes()).first() {
            text = apply_text(&text, std::slice::from_ref(&first.remove)).expect("fits");
        }
        let less: String = template.text.lines().filter(|line| !line.contains(MARK)).collect();
        assert_eq!(text.lines().collect::<String>(), less, "{}", template.name);
        assert!(!text.contains("\n\n\n"), "{text}");
    }
}

#[test]
fn guidance_is_answered_once_its_part_holds_something_of_the_persons_own() {
    for (text, answered) in [
        ("## A\n\n<!-- guidance: say it -->\n\n## B\n\ntext\n", vec![false]),
        ("## A\n\n<!-- guidance: say it -->\n\nThis.\n\n## B\n", vec![true]),
        ("## A\n\n<!-- guidance: say it -->\n\n### C\n\ntext\n", vec![true]),
        ("## A\n\nThis.\n\n<!-- guidance: say\nit -->\n", vec![true]),
        ("---\nowner:\n# guidance: who\n---\n# T\n", vec![false]),
        ("---\nowner: web team\n# guidance: who\n---\n# T\n", vec![true]),
        ("---\nlinks: []\n# guidance: where\ntitle: x\n---\n", vec![false]),
        ("```html\n<!-- guidance: code -->\n```\n", vec![]),
        ("## A\n\n<!-- a comment -->\n", vec![]),
    ] {
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let found = guidance(&parse("t.md", text.as_bytes()), text.as_bytes());
            assert_eq!(found.iter().map(|one| one.answered).collect::<Vec<_>>(), answered, "{text:?}");
            for one in &found {
                let after = apply(text.as_bytes(), std::slice::from_ref(&one.remove)).expect("fits");
                assert!(!String::from_utf8_lossy(&after).contains(MARK), "{text:?}");
            }
        }
    }
    let text = new_runbook("blank", "", "", "").expect("is there").replace(
        "- [ ] Nobody else is working on this",
        "- [ ] Nobody else is working on this\n- [ ] The window is open",
    );
    let found = guidance(&parse("t.md", text.as_bytes()), text.as_bytes());
    let answered: Vec<_> = found.iter().filter(|one| one.answered).map(|one| one.text.as_str()).collect();
    assert_eq!(answered, ["What must hold before the first step, one line each: access, approvals, a quiet hour."]);
}
