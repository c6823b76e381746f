//! Asks and measures: one request, its answer on the terminal, and what was expected of it beside what came.
//!
//! The program gets the file of an [`Order`] as its only argument, and the values of variables in its environment. It knows
//! nothing of runs and journals; how long it lives, and that what it prints is masked, is the business of whoever starts it.

mod answer;
mod chart;
mod http;
mod judge;
mod promql;
mod said;
mod sql;
mod stop;
mod table;
mod trust;
mod valued;

use std::{collections::BTreeMap, ffi::OsString, fs, io::Write as _, process::ExitCode, time::Duration};

use format::{
    Measure, MeasuredVerdict, Order,
    measure::{SECRET, http::Request},
};
use stop::Ending;

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
            (vec![no_answer(&sentence)], false)
        }
    };
    if handed_over(&order.verdicts, &verdicts) && measured { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn handed_over(file: &str, verdicts: &[MeasuredVerdict]) -> bool {
    let text = serde_json::to_string(verdicts).map_err(std::io::Error::other);
    let handed = text.and_then(|text| fs::write(file, text));
    if let Err(error) = &handed {
        eprintln!("what was measured cannot be handed over in {file}: {error}");
    }
    handed.is_ok()
}

/// There is no answer, and why.
fn no_answer(sentence: &str) -> MeasuredVerdict {
    MeasuredVerdict { expected: "an answer".to_owned(), observed: sentence.to_owned(), holds: false }
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
            let request = filled(order)?;
            let answer = http::ask(&request, order)?;
            show(&answer);
            Ok(judge::verdicts(&answer, &order.measured))
        }
        Measure::Promql => {
            let found = promql::ask(order, &values())?;
            found.show(&place(order), &order.measured);
            Ok(promql::verdicts(&found, &order.measured))
        }
        Measure::Sql => {
            let ending = ending(order).map_err(|error| format!("signals cannot be waited for: {error}"))?;
            let rows = sql::ask(order, &values(), &ending);
            if !ending.settle() {
                // It was given up meanwhile, and that has been handed over.
                loop {
                    std::thread::park();
                }
            }
            let rows = rows?;
            rows.show(&place(order));
            Ok(valued::verdicts(&rows, &order.measured))
        }
    }
}

/// What ends a statement with this program, and after its time.
fn ending(order: &Order) -> std::io::Result<std::sync::Arc<Ending>> {
    let (file, place) = (order.verdicts.clone(), place(order));
    let limit = order.limit_ms.map(Duration::from_millis);
    let within = said::seconds(order.limit_ms.unwrap_or_default());
    Ending::watched(limit, move || {
        let sentence =
            format!("{place} did not answer within {within}: look what it is busy with, or allow more by `timeout`");
        eprintln!("{sentence}");
        handed_over(&file, &[no_answer(&sentence)]);
    })
}

/// Whom an order asks, for sentences.
fn place(order: &Order) -> String {
    order.server.as_ref().map_or_else(String::new, format::measure::Server::place)
}

/// The secret that opens a server.
fn secret() -> Option<OsString> {
    std::env::var_os(SECRET)
}

/// The values that the environment has for variables.
fn values() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name != SECRET)
        .collect()
}

/// The request with the values that the environment has, and the times of the run.
fn filled(order: &Order) -> Result<Request, String> {
    let known = values().into_iter().chain(order.times.clone());
    format::measure::http::read(&order.text)?.fill(&known.collect())
}

/// What is beside the answer goes where errors go, so that `capture` takes its body alone.
fn show(answer: &answer::Answer) {
    eprint!("{}", answer.head());
    let _ = std::io::stderr().flush();
    println!("{}", answer.shown());
}
