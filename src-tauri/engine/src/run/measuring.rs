//! A block that measures: the program that does it is started as an interpreter would be, gets an order for its script, and
//! hands back what was expected and what came by a file. A block whose verdicts do not come has failed: a guard never fails
//! open.

use std::time::Duration;

use format::{
    MeasuredVerdict, Order, Program, RUN_END, RUN_START, Values,
    measure::{LIMIT, SECRET, SERVER_LEEWAY},
};
use tempfile::NamedTempFile;

use super::{driver::Driver, prepare::Prepared};
use crate::{
    expect::{Verdict, shorten_end},
    journal::Reached,
    process::{Exit, Launch, Reach},
};

/// The most of the verdicts that is read, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The program beside this one that measures.
const PROGRAM: &str = "allgood-measure";

/// The file that verdicts are handed back by.
pub(crate) struct Measuring(NamedTempFile);

impl Measuring {
    /// Makes an order of what is to be started, if it is to measure.
    ///
    /// # Errors
    /// One sentence: the program is not there, or no file can be made.
    pub(crate) fn begin(
        prepared: &Prepared,
        reached: Option<&Reached>,
        times: Values,
        launch: &mut Launch,
    ) -> Result<Option<Self>, String> {
        let Program::Measure(measure) = prepared.program else { return Ok(None) };
        let server = match reached.map(|reached| &reached.reach) {
            Some(Reach::Server { server, kept }) => {
                launch.environment.extend(kept.password.clone().map(|secret| (SECRET.into(), secret)));
                Some(server.clone())
            }
            _ => None,
        };
        let program = launch.supervisor.program.with_file_name(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
        if !program.is_file() {
            return Err(format!(
                "the program {}, which measures, is not there: install Allgood anew, with all of its programs",
                program.display()
            ));
        }
        let cannot = |error: &dyn std::fmt::Display| {
            format!("nothing can be written to {}: {error}", launch.scratch.display())
        };
        let file = tempfile::Builder::new()
            .prefix("verdicts-")
            .tempfile_in(&launch.scratch)
            .map_err(|error| cannot(&error))?;
        let order = Order {
            measure,
            text: prepared.script.clone(),
            measured: prepared.measured.clone(),
            server,
            times,
            limit_ms: prepared.timeout.is_none().then(|| milliseconds(LIMIT)),
            server_limit_ms: milliseconds(prepared.timeout.unwrap_or(LIMIT).saturating_add(SERVER_LEEWAY)),
            folder: prepared.folder.to_string_lossy().into_owned(),
            verdicts: file.path().to_string_lossy().into_owned(),
        };
        launch.script = serde_json::to_string(&order).map_err(|error| cannot(&error))?;
        launch.program = Program::Interpreter(vec![program.to_string_lossy().into_owned()]);
        // What earlier commands assigned and did not export is a variable of the block too.
        for (name, value) in std::mem::take(&mut launch.shell_variables) {
            launch.environment.entry(name.into()).or_insert_with(|| value.into());
        }
        Ok(Some(Self(file)))
    }

    /// What it came to. The exit status decides where no verdict came, or where it was not the program that ended.
    pub(crate) fn verdicts(self, exit: Verdict, ended: &Exit, mask: &dyn Fn(&str) -> String) -> Vec<Verdict> {
        let text = read_up_to(&self.0, LARGEST);
        let handed: Vec<MeasuredVerdict> = serde_json::from_str(&text).unwrap_or_default();
        // Masked whole and shortened then, so that not even a piece of a secret is left.
        let masked = |one: MeasuredVerdict| Verdict {
            expected: shorten_end(&mask(&one.expected)),
            observed: shorten_end(&mask(&one.observed)),
            holds: one.holds,
        };
        let mut verdicts: Vec<Verdict> = handed.into_iter().map(masked).collect();
        if !measured_by_itself(ended) {
            verdicts.push(exit);
        } else if verdicts.is_empty() || matches!(ended, Exit::Status(1)) && verdicts.iter().all(|one| one.holds) {
            let observed = "the program that measures handed nothing over".to_owned();
            verdicts.push(Verdict { expected: "a measurement".to_owned(), observed, holds: false });
        }
        verdicts
    }
}

/// Whether it was the program that measures that ended, and not something that ended it.
pub(super) fn measured_by_itself(ended: &Exit) -> bool {
    matches!(ended, Exit::Status(0 | 1))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Driver {
    /// When the run began and what time it is, in milliseconds since 1970, by the names that addresses have for them.
    pub(super) fn times(&self) -> Values {
        let both = [(RUN_START, self.state.started_at.clone()), (RUN_END, self.engine.clock.now())];
        let known = both.into_iter().filter_map(|(name, at)| {
            let at: jiff::Timestamp = at.parse().ok()?;
            Some((name.to_owned(), at.as_millisecond().to_string()))
        });
        known.collect()
    }

    /// How what a block names by `on` is reached, if it names something.
    pub(super) fn way(&self, prepared: &Prepared) -> Option<Result<Reached, String>> {
        match (&prepared.on, &prepared.asks, &prepared.program) {
            (_, Some(entry), Program::Measure(measure)) => Some(match &self.spec.access {
                Some(access) => access.server(entry, *measure),
                None => Err(format!("{entry} cannot be asked: there are no access entries here")),
            }),
            (on, ..) => on.as_ref().map(|on| self.reach(on)),
        }
    }
}

/// What stands at the place of a file now: programs like to replace a file rather than to write into it.
pub(super) fn read_up_to(file: &NamedTempFile, limit: u64) -> String {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    // Anything but a file (a pipe would keep us waiting) was not written for us.
    let is_file = std::fs::symlink_metadata(file.path()).is_ok_and(|metadata| metadata.is_file());
    if let (true, Ok(file)) = (is_file, std::fs::File::open(file.path())) {
        let _ = file.take(limit).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(text: &str, ended: &Exit) -> Vec<(String, bool)> {
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let exit = Verdict { expected: "exit 0".to_owned(), observed: "as it ended".to_owned(), holds: false };
        let mask = |text: &str| text.replace("secret", "•••");
        let verdicts = Measuring(file).verdicts(exit, ended, &mask).into_iter();
        verdicts.map(|one| (one.observed, one.holds)).collect()
    }

    #[test]
    fn a_measurement_without_verdicts_fails() {
        let good = r#"[{"expected": "a", "observed": "b", "holds": true}]"#;
        let nothing = "the program that measures handed nothing over".to_owned();
        for text in ["", "[]", "{}", "[{\"holds\": true}]", "no JSON"] {
            assert_eq!(handed(text, &Exit::Status(0)), [(nothing.clone(), false)], "{text}");
        }
        assert_eq!(handed(good, &Exit::Status(0)), [("b".to_owned(), true)]);
        assert_eq!(handed(good, &Exit::Status(1)), [("b".to_owned(), true), (nothing, false)]);
        let killed = Exit::Signal("SIGKILL".to_owned());
        for ended in [Exit::Status(2), killed] {
            assert_eq!(handed(good, &ended), [("b".to_owned(), true), ("as it ended".to_owned(), false)]);
        }
    }

    #[test]
    fn what_came_is_masked_whole_and_shortened_then() {
        let long = format!(r#"[{{"expected": "a", "observed": "{}secret", "holds": false}}]"#, "x".repeat(117));
        let [(observed, _)] = &handed(&long, &Exit::Status(0))[..] else { panic!("one") };
        assert!(observed.ends_with("•••") && !observed.contains("sec"), "{observed}");
    }
}
