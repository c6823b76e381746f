//! Sentences of FORMAT.md that neither a row of the cases nor a test beside the code holds, a table for each.

use crate::{ItemKind, Phase, Program, Runbook, parse};

fn read(markdown: &str) -> Runbook {
    parse("sentence.md", markdown.as_bytes())
}

/// `phase: step [kinds]`, every section said.
fn outline(markdown: &str) -> Vec<String> {
    let runbook = read(markdown);
    let section = |section: &crate::Section| {
        let steps: Vec<String> = section
            .steps
            .iter()
            .map(|step| {
                let kinds: Vec<String> =
                    step.items.iter().map(|item| format!("{:?}", item.kind).to_lowercase()).collect();
                format!("{} [{}]", step.title, kinds.join(" "))
            })
            .collect();
        format!("{:?}: {}", section.phase, steps.join(", ")).to_lowercase().trim_end().to_owned()
    };
    runbook.phases.iter().map(section).collect()
}

/// The words of FORMAT.md's table, as they stand there.
const WORDS: &[(Phase, &str)] = &[
    (
        Phase::Reference,
        "overview, about*, meaning, impact, symptoms, background*, description, summary*, context*, access*, links, references, contacts, escalation, communication*, notes, see also, introduction, purpose, scope, architecture, how it works, what is, what are, why, who, further, additional, related, useful, resources, more information, glossary, faq, contents, known issues, limitations",
    ),
    (
        Phase::Preconditions,
        "preconditions, prerequisites, prerequisite, before you, requirements, preparation, pre checks",
    ),
    (
        Phase::Diagnosis,
        "diagnosis, diagnose, diagnostics, investigation, investigate, triage, debugging, troubleshooting, troubleshoot, identify, possible checks, what to check, steps to check",
    ),
    (
        Phase::Steps,
        "steps, procedure, mitigation, resolution, remediation, remediate, instructions, execution, how to, actions*, recommended actions, immediate actions, fix, recovery steps, recover, contain, eradicate, workaround, solution, process, checklist",
    ),
    (
        Phase::Validation,
        "validation, validate, validating, verification, verify, verifying, confirm, post checks, success criteria, testing*",
    ),
    (
        Phase::Rollback,
        "rollback, roll back, rolling back, revert, reverting, back out, backout, undo, contingency, fallback, if it fails",
    ),
];

fn phase_of(heading: &str) -> Phase {
    read(&format!("# Title\n\n## {heading}\n\nText.\n"))
        .phases
        .last()
        .map(|section| section.phase)
        .expect("a section")
}

#[test]
fn every_word_of_the_table_opens_its_phase_whatever_its_case_hyphens_and_number() {
    for (phase, words) in WORDS {
        for word in words.split(", ") {
            let (word, whole) = word.strip_suffix('*').map_or((word, false), |word| (word, true));
            for heading in [
                word.to_owned(),
                word.to_uppercase(),
                word.replace(' ', "-"),
                format!("{word}:"),
                format!("2. {word}"),
                format!("Step 2: {word}"),
            ] {
                assert_eq!(phase_of(&heading), *phase, "{heading}");
            }
            // Behind a word boundary goes anything, unless the word stands for itself alone.
            let longer = phase_of(&format!("{word} zebra"));
            let expected = if whole { Phase::Reference } else { *phase };
            assert_eq!(longer, expected, "{word} zebra");
            let names = crate::headings::read(&format!("{word} zebra")).phase;
            assert_eq!(names.is_some(), !whole, "{word} zebra");
            if !word.contains(' ') {
                let grown = crate::headings::read(&format!("{word}zebra")).phase;
                assert_eq!(grown, None, "{word}zebra is another word");
            }
        }
    }
    for ending in ["steps", "procedure", "process", "actions", "instructions"] {
        assert_eq!(phase_of(&format!("Zebra {ending}")), Phase::Steps, "{ending}");
    }
    // The longest match wins.
    for (heading, phase) in [
        ("Steps to check the queue", Phase::Diagnosis),
        ("How it works", Phase::Reference),
        ("Recovery steps", Phase::Steps),
        ("What to check", Phase::Diagnosis),
        ("What is broken", Phase::Reference),
    ] {
        assert_eq!(phase_of(heading), phase, "{heading}");
    }
}

#[test]
fn sections_stand_in_the_phase_of_the_nearest_heading_that_names_one() {
    for (markdown, expected) in [
        // The only level-1 heading is the title; several are sections.
        ("# Troubleshooting\n\n1. Restart it\n", vec!["steps: restart it [check]"]),
        ("# Triage\n\n1. Look\n\n# Mitigation\n\n1. Back\n", vec!["diagnosis: look [check]", "steps: back [check]"]),
        ("---\ntitle: T\n---\n# Rollback\n\n1. Go back\n", vec!["steps: go back [check]"]),
        // The nearest heading decides, its own first.
        (
            "## Rollback\n\n### Put the files back\n\n~~~sh\nx\n~~~\n\n### Verify\n\n~~~sh\ny\n~~~\n\n### More\n\n~~~sh\nz\n~~~\n",
            vec![
                "rollback: put the files back [command]",
                "validation: verify [command]",
                "rollback: more [command]",
            ],
        ),
        // Phases recur in the document's order.
        (
            "## Steps\n\n1. A\n\n## Verify\n\n1. B\n\n## Steps\n\n1. C\n",
            vec!["steps: a [check]", "validation: b [check]", "steps: c [check]"],
        ),
        // What is in the reference can be run, and is not part of the path.
        ("## Notes\n\n~~~sh\nx\n~~~\n", vec!["reference: notes [command]"]),
        // A numbered heading is a step of the phase it stands in, even with text alone.
        ("## Verification\n\n### 1. Look at it\n\nText.\n", vec!["validation: look at it [check]"]),
        ("## Rollback\n\n### 1. Put back\n\n~~~sh\nx\n~~~\n", vec!["rollback: put back [command]"]),
        ("## 2) Tell them\n\nText.\n", vec!["steps: tell them [check]"]),
        ("## Phase 2 – Verify the pods\n\nText.\n", vec!["steps: verify the pods [check]"]),
        ("## Phase 2 – Verification\n\nText.\n", vec!["validation: verification [check]"]),
    ] {
        let found: Vec<String> = outline(markdown).into_iter().filter(|line| !line.ends_with(':')).collect();
        assert_eq!(found, expected, "{markdown}");
    }
    assert!(!Phase::Reference.on_path());
}

#[test]
fn a_section_under_no_phase_is_steps_if_it_holds_something_to_do() {
    for (body, expected) in [
        ("~~~sh\nx\n~~~", "steps"),
        ("~~~sh {probe}\nx\n~~~", "steps"),
        ("- [ ] a", "steps"),
        ("- a\n- b", "reference"),
        ("Text.", "reference"),
        // A third of the entries begin with a verb or a command.
        ("1. Open it\n2. the lamp\n3. the door", "steps"),
        ("1. Open it\n2. the lamp\n3. the door\n4. the roof", "reference"),
        ("1. `kubectl get pods`\n2. the lamp", "steps"),
        ("1. the lamp\n2. the door", "reference"),
        ("~~~message\nHello\n~~~", "reference"),
    ] {
        let found = outline(&format!("## Zebra\n\n{body}\n"));
        assert!(found.last().is_some_and(|line| line.starts_with(expected)), "{body}: {found:?}");
    }
}

#[test]
fn steps_come_of_list_entries_blocks_beside_them_and_sub_headings() {
    for (body, expected) in [
        // A block directly after the last list belongs to its last entry, one after a blank line is a step of its own.
        ("1. A\n2. B\n~~~sh\nx\n~~~", "a [check], b [command]"),
        ("1. A\n2. B\n\n~~~sh\nx\n~~~", "a [check], b [check], steps [command]"),
        ("1. A\n\nThen:\n\n~~~sh\nx\n~~~", "a [check], then: [command]"),
        ("1. A\n\nThen:\n\n~~~sh\nx\n~~~\n\n1. B", "a [command], b [check]"),
        // Without such a list the section itself is the step.
        ("Text.\n\n~~~sh\nx\n~~~\n\n- [ ] y", "steps [command check]"),
        ("### One\n\n~~~sh\nx\n~~~\n\n### Two\n\nText.", "one [command], two [check]"),
        // Nothing to tick: one check; nothing at all, or links alone: no step.
        ("Text.", "steps [check]"),
        ("", ""),
        ("[a](b.md)\n\n<https://c.example>", ""),
        ("<!-- nothing -->", ""),
        // A tick in the file is part of the text.
        ("- [x] done before", "steps [check]"),
    ] {
        let found = outline(&format!("## Steps\n\n{body}\n"));
        let steps: Vec<&str> = found.iter().filter_map(|line| line.strip_prefix("steps: ")).collect();
        assert_eq!(steps.join(", "), expected, "{body}");
    }
}

/// The items of a fence: kind, program and whether it is guessed.
fn fence(before: &str, info: &str, text: &str) -> Vec<(ItemKind, Program, bool)> {
    let runbook = read(&format!("{before}## Steps\n\n~~~{info}\n{text}\n~~~\n"));
    let items = runbook.items().filter(|(_, _, item)| item.kind != ItemKind::Check);
    items.map(|(_, _, item)| (item.kind, item.program.clone(), item.guessed)).collect()
}

#[test]
fn what_a_fence_is_depends_on_its_language_attributes_and_text() {
    use ItemKind::{Command, Message, Probe, Undo};
    let word = |word: &str| Program::Interpreter(vec![word.to_owned()]);
    for (info, program) in [
        ("sh", Program::Sh),
        ("Bash", Program::Bash),
        ("ZSH", Program::Zsh),
        ("fish", Program::Fish),
        ("ksh", Program::Ksh),
        ("shell", Program::AnyShell),
        ("Console", Program::AnyShell),
        ("shell-session", Program::AnyShell),
        ("terminal", Program::AnyShell),
        ("PowerShell", Program::PowerShell),
        ("pwsh", Program::PowerShell),
    ] {
        assert_eq!(fence("", info, "ls"), [(Command, program, false)], "{info}");
    }
    for (info, program) in [
        ("python", word("python3")),
        ("ruby", word("ruby")),
        ("perl", word("perl")),
        ("lua", word("lua")),
        ("php", word("php")),
        ("node", word("node")),
        ("javascript", word("node")),
        ("typescript", word("ts-node")),
        ("deno", Program::Interpreter(vec!["deno".to_owned(), "run".to_owned()])),
    ] {
        assert_eq!(fence("", info, "x"), [], "{info} is shown");
        assert_eq!(fence("", &format!("{info} {{name=a}}"), "x"), [(Command, program.clone(), false)], "{info}");
        assert_eq!(fence("", info, "#!/opt/own\nx"), [(Command, word("/opt/own"), false)], "{info}");
        assert_eq!(fence("---\nrunme: {id: a}\n---\n", info, "x"), [(Command, program, false)], "{info} of Runme");
    }
    assert_eq!(fence("", "rust {interpreter=own}", "x"), [(Command, word("own"), false)]);
    assert_eq!(fence("", "yaml", "ls"), []);
    for info in ["", "command", "commands", "cmd", "CMD"] {
        for text in ["kubectl get pods", "$ anything", "./run", "NAME=value", "# why\n\nls"] {
            assert_eq!(fence("", info, text), [(Command, Program::AnyShell, true)], "{info}: {text}");
        }
        for text in ["zebra run", "name=value", "host: x", "NAME  STATUS", "# only"] {
            assert_eq!(fence("", info, text), [], "{info}: {text}");
        }
    }
    for (info, kind) in [
        ("sh {probe}", Probe),
        ("sh {every=5s}", Probe),
        ("sh {within=1m}", Probe),
        ("sh {every=5s retry=2}", Command),
        ("sh {undo}", Undo),
        ("sh {undo=none}", Command),
        ("message {to=ops}", Message),
        ("message", Message),
    ] {
        assert_eq!(fence("", info, "ls").first().map(|(kind, ..)| *kind), Some(kind), "{info}");
    }
    // Any attribute makes it run.
    for text in ["apiVersion: v1", "{\"a\": 1}", "2026-01-02 x"] {
        assert_eq!(fence("", "sh", text), [], "{text}");
        assert_eq!(fence("", "sh {name=a}", text).len(), 1, "{text}");
    }
    let indented = read("## Steps\n\n    kubectl get pods\n");
    assert!(indented.items().all(|(_, _, item)| item.guessed && item.kind == Command), "{indented:?}");
    assert_eq!(indented.items().count(), 1);
}

#[test]
fn only_shell_languages_have_placeholders() {
    for (info, expected) in [("sh", 1), ("pwsh", 1), ("console", 1), ("python {name=a}", 0), ("message", 0)] {
        let runbook = read(&format!("## Steps\n\n~~~{info}\necho <pod name>\n~~~\n"));
        let count: usize = runbook.items().map(|(_, _, item)| item.placeholders.len()).sum();
        assert_eq!(count, expected, "{info}");
    }
}

#[test]
fn a_library_s_own_commands_begin_a_command_too() {
    let markdown = "## Look\n\n~~~\nacmectl get\n~~~\n";
    let knowledge = crate::Knowledge { commands: vec!["acmectl".to_owned()] };
    assert_eq!(read(markdown).items().count(), 0);
    let runbook = crate::parse_with("x.md", markdown.as_bytes(), &knowledge);
    assert!(runbook.items().all(|(_, _, item)| item.guessed));
    assert_eq!(runbook.items().count(), 1);
}

#[test]
fn the_path_and_its_undos_are_told_apart_and_the_text_beside_a_fence_is_kept() {
    let runbook =
        read("## Steps\n\n~~~sh title=\"x y\" {name=a colour=red} tail\nls\n~~~\n\n~~~sh {undo}\nback\n~~~\n");
    let items: Vec<_> = runbook.items().map(|(_, _, item)| item).collect();
    assert_eq!(items[0].attributes["colour"], "red", "unknown attributes are kept");
    assert_eq!(runbook.blocks[0].info, "sh title=\"x y\" {name=a colour=red} tail");
    assert!(items[0].refused.is_none());
    assert_eq!(items[1].kind, ItemKind::Undo);
}

#[test]
fn wiki_links_lead_to_pages_pictures_and_other_files() {
    let runbook = read(
        "[[drain]] [[drain#Roll back|the way back]] ![[img/board.png]] [[files/plan.pdf]] ![[plan.pdf]] [[#Here]]\n",
    );
    let named = |target: &crate::Target| match target {
        crate::Target::Named(name, anchor) => {
            format!("{name}{}", anchor.as_deref().map_or(String::new(), |at| format!("#{at}")))
        }
        crate::Target::Anchor(anchor) => format!("#{anchor}"),
        other => panic!("{other:?}"),
    };
    let links: Vec<(&str, String)> =
        runbook.links.iter().map(|link| (link.text.as_str(), named(&link.target))).collect();
    let expected = [
        ("drain", "drain"),
        ("the way back", "drain#roll-back"),
        ("files/plan.pdf", "files/plan.pdf"),
        ("Here", "#here"),
    ];
    assert_eq!(links, expected.map(|(text, target)| (text, target.to_owned())));
    let images: Vec<String> = runbook.images.iter().map(|image| named(&image.target)).collect();
    assert_eq!(images, ["img/board.png", "plan.pdf"], "what stands in the page rather than being led to");
    // Each leads to the file of that name, a page without its ending, anything else with it.
    let files = ["guides/drain.md", "docs/img/board.png", "files/plan.pdf", "docs/plan.md"];
    let files: std::collections::BTreeSet<String> = files.map(str::to_owned).into();
    for (name, expected) in [
        ("drain", Some("guides/drain.md")),
        ("img/board.png", Some("docs/img/board.png")),
        ("board.png", Some("docs/img/board.png")),
        ("files/plan.pdf", Some("files/plan.pdf")),
        ("plan.pdf", Some("files/plan.pdf")),
        ("plan", Some("docs/plan.md")),
        ("gone.png", None),
    ] {
        let found = crate::resolve_named(name, "docs/here.md", &files);
        assert_eq!(found.as_deref(), expected, "{name}");
    }
}
