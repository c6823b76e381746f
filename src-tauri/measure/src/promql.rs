//! Asks Prometheus, or what answers as it does.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use format::{
    Measured, MeasuredVerdict, Order,
    measure::{NumberTest, Server, http::Request, milliseconds},
};
use serde_json::Value;

use crate::{
    chart::{self, Chart, clock},
    http,
    judge::{time, verdict},
    secret,
};

/// Series of which each has a chart; of more each has a line.
const CHARTS: usize = 4;
/// Series that are shown.
const SHOWN: usize = 50;

/// What came back.
#[derive(Debug, Default)]
pub(crate) struct Found {
    series: Vec<Series>,
    took: Duration,
}

#[derive(Debug)]
struct Series {
    /// `up{job="api"}`.
    labels: String,
    /// Seconds since 1970, and the value as it was written.
    points: Vec<(f64, String)>,
}

impl Series {
    fn values(&self) -> impl Iterator<Item = (f64, f64)> {
        self.points.iter().map(|(at, value)| (*at, value.parse().unwrap_or(f64::NAN)))
    }

    fn last(&self) -> &str {
        self.points.last().map_or("", |(_, value)| value)
    }
}

/// Asks, and takes the answer.
///
/// # Errors
/// One sentence: why there is none.
pub(crate) fn ask(order: &Order, values: &BTreeMap<String, String>) -> Result<Found, String> {
    let Some(Server::Prometheus { address, user, bearer }) = &order.server else {
        return Err("the order names no Prometheus".to_owned());
    };
    let query = format::measure::promql::fill(&order.text, &values.clone().into_iter().collect())?;
    let mut fields = vec![("query", query)];
    let path = match order.measured.range_ms {
        None => "query",
        Some(range) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let (start, end) = (now.saturating_sub(Duration::from_millis(range)), now);
            fields.push(("start", format!("{:.3}", start.as_secs_f64())));
            fields.push(("end", format!("{:.3}", end.as_secs_f64())));
            fields.push(("step", format!("{:.3}", order.measured.step().as_secs_f64())));
            "query_range"
        }
    };
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let mut headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    if let Some(secret) = secret() {
        let secret = secret.to_string_lossy();
        let value = match (bearer, user) {
            (true, _) => format!("Bearer {secret}"),
            (false, user) => format!("Basic {}:{secret}", user.as_deref().unwrap_or_default()),
        };
        headers.push(("authorization".to_owned(), value));
    }
    let request = Request {
        method: "POST".to_owned(),
        address: format!("{}/api/v1/{path}", address.trim_end_matches('/')),
        headers,
        body: Some(body.finish()),
        stays: true,
    };
    let answer = http::ask(&request, order)?;
    let told = answer.json();
    let said = |value: &Value| value["error"].as_str().map(str::to_owned);
    if answer.status != 200 {
        let why = told.ok().and_then(|value| said(&value));
        return Err(match (answer.status, why) {
            (401 | 403, _) => format!(
                "{address} does not let in: {}: look at the user and the secret of the entry",
                answer.status_line()
            ),
            (_, Some(why)) => format!("{address} does not answer the query: {why}"),
            (_, None) => format!("{address} answers {}: look whether a Prometheus is there", answer.status_line()),
        });
    }
    let told = told.map_err(|why| format!("{address} gave no answer that can be read: {why}"))?;
    let series = series(&told["data"]).ok_or_else(|| {
        format!("{address} gave no answer that can be read: look whether a Prometheus is there, and whether the query finds numbers")
    })?;
    Ok(Found { series, took: answer.all })
}

/// What is in `data` of an answer.
fn series(data: &Value) -> Option<Vec<Series>> {
    let point = |pair: &Value| Some((pair.get(0)?.as_f64()?, pair.get(1)?.as_str()?.to_owned()));
    let result = &data["result"];
    if data["resultType"] == "scalar" {
        return Some(vec![Series { labels: String::new(), points: vec![point(result)?] }]);
    }
    let one = |one: &Value| {
        let points = match one.get("values") {
            Some(values) => values.as_array()?.iter().map(point).collect::<Option<Vec<_>>>()?,
            None => vec![point(one.get("value")?)?],
        };
        Some(Series { labels: labels(&one["metric"]), points })
    };
    result.as_array()?.iter().map(one).collect()
}

fn labels(metric: &Value) -> String {
    let Some(all) = metric.as_object() else { return String::new() };
    let name = metric["__name__"].as_str().unwrap_or_default();
    let pairs: Vec<String> = all
        .iter()
        .filter(|(key, _)| *key != "__name__")
        .map(|(key, value)| format!("{key}={:?}", value.as_str().unwrap_or_default()))
        .collect();
    if pairs.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", pairs.join(", ")) }
}

impl Found {
    fn in_words(&self) -> String {
        match self.series.len() {
            0 => "no series".to_owned(),
            1 => "1 series".to_owned(),
            more => format!("{more} series"),
        }
    }

    /// Shows it. Where the output is captured the last value of the first series alone is: all of it goes beside.
    pub(crate) fn show(&self, place: &str, measured: &Measured) {
        eprintln!("{place}: {}, {}\n", self.in_words(), milliseconds(self.took));
        let _ = std::io::stderr().flush();
        let text = self.text(measured);
        if std::io::stdout().is_terminal() {
            println!("{text}");
        } else {
            eprintln!("{text}");
            println!("{}", self.series.first().map_or("", Series::last));
        }
    }

    fn text(&self, measured: &Measured) -> String {
        let mut lines = Vec::new();
        let name = |one: &Series| if one.labels.is_empty() { "value".to_owned() } else { one.labels.clone() };
        let widest = self.series.iter().map(|one| name(one).chars().count()).max().unwrap_or_default().min(60);
        let test = measured.numbers.first().copied();
        for one in self.series.iter().take(SHOWN) {
            let values: Vec<(f64, f64)> = one.values().collect();
            match measured.range_ms {
                None => lines.push(format!("{:widest$}  {}", name(one), one.last())),
                Some(_) if self.series.len() <= CHARTS => {
                    lines.push(name(one));
                    lines.extend(Chart { points: &values, test }.lines());
                    lines.push(format!("{}, last {}", span(&values), one.last()));
                    lines.push(String::new());
                }
                Some(_) => {
                    let line = chart::sparkline(&values);
                    lines.push(format!("{:widest$}  {line}  {}, last {}", name(one), span(&values), one.last()));
                }
            }
        }
        if self.series.len() > SHOWN {
            lines.push(format!("and {} more", self.series.len() - SHOWN));
        }
        lines.join("\n").trim_end().to_owned()
    }
}

/// `0.1 to 7.2`.
fn span(values: &[(f64, f64)]) -> String {
    let numbers = || values.iter().map(|(_, value)| *value).filter(|value| !value.is_nan());
    let (low, high) = (numbers().fold(f64::INFINITY, f64::min), numbers().fold(f64::NEG_INFINITY, f64::max));
    match numbers().next() {
        None => "no numbers".to_owned(),
        Some(_) if low.total_cmp(&high).is_eq() => chart::number(low),
        Some(_) => format!("{} to {}", chart::number(low), chart::number(high)),
    }
}

/// One verdict for each expectation, and one for the answer always.
pub(crate) fn verdicts(found: &Found, measured: &Measured) -> Vec<MeasuredVerdict> {
    let mut verdicts = vec![verdict("an answer", found.in_words(), true)];
    verdicts.extend(measured.numbers.iter().map(|test| number(found, *test)));
    verdicts.extend(measured.rows.map(|test| {
        let many = u32::try_from(found.series.len()).unwrap_or(u32::MAX);
        verdict(&format!("rows {}", test.in_words()), found.in_words(), test.holds(many.into()))
    }));
    verdicts.extend(measured.time.map(|test| time(found.took, false, test)));
    verdicts
}

/// Every point of every series has to hold, and there has to be one.
fn number(found: &Found, test: NumberTest) -> MeasuredVerdict {
    let expected = format!("number {}", test.in_words());
    let all: Vec<(&Series, f64, f64)> =
        found.series.iter().flat_map(|one| one.values().map(move |(at, value)| (one, at, value))).collect();
    let range = found.series.iter().any(|one| one.points.len() > 1);
    let broken: Vec<&(&Series, f64, f64)> = all.iter().filter(|(_, _, value)| !test.holds(*value)).collect();
    // What is not a number is furthest from any limit.
    let distance = |value: f64| if value.is_nan() { f64::INFINITY } else { (value - test.number).abs() };
    let worst = broken.iter().max_by(|one, other| distance(one.2).total_cmp(&distance(other.2)));
    let Some((series, at, value)) = worst else {
        let observed = match &all[..] {
            [] => return verdict(&expected, "no data".to_owned(), false),
            [(series, ..)] => series.last().to_owned(),
            more => {
                let values: Vec<(f64, f64)> = more.iter().map(|(_, at, value)| (*at, *value)).collect();
                span(&values)
            }
        };
        return verdict(&expected, observed, true);
    };
    let mut observed = chart::number(*value);
    if range {
        observed.push_str(&format!(" at {}", clock(*at)));
    }
    if found.series.len() > 1 || !series.labels.is_empty() {
        observed.push_str(&format!(" of {}", series.labels));
    }
    if found.series.len() > 1 {
        let mut names: Vec<&str> = broken.iter().map(|(one, ..)| one.labels.as_str()).collect();
        names.dedup();
        observed.push_str(&format!(", {} of {} do not hold", names.len(), found.in_words()));
    }
    verdict(&expected, observed, false)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(result: Value, kind: &str) -> Found {
        let series = series(&json!({"resultType": kind, "result": result})).unwrap();
        Found { series, took: Duration::from_millis(4) }
    }

    fn measured(attributes: &str) -> Measured {
        let text = format!("```promql {{on=prom {attributes}}}\nup\n```\n");
        let runbook = format::parse("x.md", text.as_bytes());
        let (_, _, item) = runbook.items().next().unwrap();
        assert_eq!(item.refused, None, "{attributes}");
        item.options.measured.clone()
    }

    fn judged(found: &Found, attributes: &str) -> (String, bool) {
        let last = verdicts(found, &measured(attributes)).pop().unwrap();
        (last.observed, last.holds)
    }

    #[test]
    fn every_value_of_every_series_has_to_hold_and_there_has_to_be_one() {
        let of = |value: &str, job: &str| json!({"metric": {"__name__": "up", "job": job}, "value": [1000.0, value]});
        let one = found(json!([of("0.5", "a")]), "vector");
        assert_eq!(judged(&one, "expect_number=\"< 1\""), ("0.5".to_owned(), true));
        assert_eq!(judged(&one, "expect_number=\"< 0.1\""), ("0.5 of up{job=\"a\"}".to_owned(), false));
        let two = found(json!([of("0.5", "a"), of("7", "b")]), "vector");
        assert_eq!(judged(&two, "expect_number=\"< 10\""), ("0.5 to 7".to_owned(), true));
        let said = "7 of up{job=\"b\"}, 1 of 2 series do not hold".to_owned();
        assert_eq!(judged(&two, "expect_number=\"< 1\""), (said, false));
        let none = found(json!([]), "vector");
        assert_eq!(judged(&none, "expect_number=\"< 1\""), ("no data".to_owned(), false));
        assert_eq!(judged(&none, "expect_rows=0"), ("no series".to_owned(), true));
        let odd = found(json!([of("NaN", "a")]), "vector");
        for sign in ["<", ">", "=="] {
            assert!(!judged(&odd, &format!("expect_number=\"{sign} 1\"")).1, "{sign}");
        }
        assert!(judged(&found(json!([1000.0, "3"]), "scalar"), "expect_number=3").1);
        let range = json!([{"metric": {}, "values": [[1000.0, "1"], [1060.0, "9"], [1120.0, "2"]]}]);
        let (observed, holds) = judged(&found(range, "matrix"), "range=1h expect_number=\"< 5\"");
        assert!(!holds && observed.starts_with("9 at "), "{observed}");
    }

    #[test]
    fn an_answer_is_shown_with_its_last_value_at_its_end() {
        let of = |job: &str| json!({"metric": {"job": job}, "values": [[1000.0, "1"], [1060.0, "9"], [1120.0, "2"]]});
        let few = found(json!([of("a")]), "matrix").text(&measured("range=1h expect_number=\"< 5\""));
        assert!(few.contains("{job=\"a\"}") && few.ends_with("1 to 9, last 2") && few.contains('╌'), "{few}");
        let jobs: Vec<Value> = (0..60).map(|number| of(&format!("job {number}"))).collect();
        let many = found(json!(jobs), "matrix").text(&measured("range=1h"));
        assert!(many.contains("▁█▂") && many.ends_with("and 10 more"), "{many}");
    }
}
