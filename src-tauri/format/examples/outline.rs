//! Prints what is understood of each file named: `cargo run -p format --example outline -- FILE...`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let started = std::time::Instant::now();
        let runbook = format::parse(&path, &bytes);
        let read = started.elapsed();
        let page = format::page(&runbook, &bytes);
        writeln!(
            out,
            "{path}: {} ({read:?}, page {:?}, {} parts)",
            runbook.title,
            started.elapsed() - read,
            page.sections.len()
        )?;
        for section in &runbook.phases {
            writeln!(out, "  {:?} {:?}", section.phase, section.heading)?;
            for step in &section.steps {
                writeln!(out, "    {} {}", step.number.as_deref().unwrap_or("-"), step.title)?;
                for item in &step.items {
                    write!(out, "      [{}] {:?} {:?}", item.id, item.kind, first(&item.script, &item.text))?;
                    for (what, values) in [
                        ("needs", &item.placeholders),
                        ("doubts", &item.doubts),
                        ("variables", &item.variables),
                        ("input", &item.session_input),
                    ] {
                        if !values.is_empty() {
                            write!(out, " {what} {values:?}")?;
                        }
                    }
                    if item.guessed {
                        write!(out, " guessed")?;
                    }
                    if let Some(sample) = &item.sample {
                        write!(out, " sample {:?}", first(sample, ""))?;
                    }
                    if let Some(refused) = &item.refused {
                        write!(out, " refused: {refused}")?;
                    }
                    writeln!(out)?;
                }
            }
        }
        for problem in &runbook.problems {
            writeln!(out, "  {}: {:?} {}: {}", problem.line, problem.severity, problem.code, problem.message)?;
        }
    }
    Ok(())
}

fn first(script: &str, text: &str) -> String {
    let text = if script.is_empty() { text } else { script };
    text.chars().take(90).collect()
}
