//! Asks and measures: one request, its answer on the terminal, and what was expected of it beside what came.
//!
//! The program gets the file of an [`Order`] as its only argument, and the values of variables in its environment. It knows
//! nothing of runs and journals; how long it lives, and that what it prints is masked, is the business of whoever starts it.

mod answer;
mod http;
mod judge;
mod said;

use std::{fs, io::Write as _, process::ExitCode};

use format::{Measure, MeasuredVerdict, Order, measure::http::Request};

/// Does what the file of its only argument says. The exit status is 0 if something was measured, 1 if not, and 2 where
/// there was no order.
#[must_use]
pub fn main() -> ExitCode {
    let Some(order) = order() else {
        eprintln!("allgood-measure: there is no order (this program is started by Allgood, not by hand)");
        return ExitCode::from(2);
    };
    let (verdicts, measured) = match measured(&order) {
        Ok(verdicts) => (verdicts, true),
        Err(sentence) => {
            eprintln!("{sentence}");
            let expected = "an answer".to_owned();
            (vec![MeasuredVerdict { expected, observed: sentence, holds: false }], false)
        }
    };
    let handed = serde_json::to_string(&verdicts).map_err(std::io::Error::other);
    if let Err(error) = handed.and_then(|text| fs::write(&order.verdicts, text)) {
        eprintln!("what was measured cannot be handed over in {}: {error}", order.verdicts);
        return ExitCode::FAILURE;
    }
    if measured { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn order() -> Option<Order> {
    let mut arguments = std::env::args_os().skip(1);
    let (file, None) = (arguments.next()?, arguments.next()) else { return None };
    serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
}

/// Asks, shows the answer, and says what of it is as expected.
fn measured(order: &Order) -> Result<Vec<MeasuredVerdict>, String> {
    match order.measure {
        Measure::Http => {
            let request = filled(&order.text)?;
            let answer = http::ask(&request, order)?;
            show(&answer);
            Ok(judge::verdicts(&answer, &order.measured))
        }
    }
}

/// The request with the values that the environment has.
fn filled(text: &str) -> Result<Request, String> {
    let values =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    format::measure::http::read(text)?.fill(&values.collect())
}

/// What is beside the answer goes where errors go, so that `capture` takes its body alone.
fn show(answer: &answer::Answer) {
    eprint!("{}", answer.head());
    let _ = std::io::stderr().flush();
    println!("{}", answer.shown());
}
