//! A clock that is set while a run is under way: the order of events is that of their numbers, times are what the clock said,
//! and no time that passed is ever shown as less than nothing.

use std::process::Command;

use serde_json::Value;

use super::book;
use crate::support::{Home, binary, text};

/// A library that shifts what `clock_gettime` says of the time of day by as many seconds as the file `shift` holds, each time
/// it is asked. Durations are not asked of that clock.
const SHIFTED: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = real(clock, time);
    const char *name = getenv("TEST_SHIFT");
    FILE *file = clock == CLOCK_REALTIME && name ? fopen(name, "r") : NULL;
    long shift = 0;
    if (file) { if (fscanf(file, "%ld", &shift) != 1) shift = 0; fclose(file); }
    time->tv_sec += shift;
    return answer;
}
"#;

#[test]
fn a_clock_that_is_set_in_the_midst_of_a_run_shows_in_its_times_and_nowhere_else() {
    let home = Home::new();
    home.file("shifted.c", SHIFTED);
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o", "shifted.so", "shifted.c", "-ldl"])
        .current_dir(home.path(""))
        .status()
        .unwrap();
    assert!(built.success());
    let _ = binary();
    for seconds in ["-3600", "3600"] {
        home.file("shift", "0");
        home.file("next", seconds);
        let blocks =
            [("sh {name=one}", "sleep 0.2"), ("sh {name=sets}", "cat next > shift"), ("sh {name=two}", "sleep 0.2")];
        home.file("book.md", &book(&blocks));
        let mut command = home.command(&["run", "book.md", "--auto", "--json"]);
        let done = command
            .env("LD_PRELOAD", home.path("shifted.so"))
            .env("TEST_SHIFT", home.path("shift"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let out = String::from_utf8(done.stdout).unwrap();
        let events: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let run = text(&events[0], "run").to_owned();
        let times: Vec<&str> = events.iter().map(|event| text(event, "at")).collect();
        assert_eq!(times.is_sorted(), seconds == "3600", "the clock was set: {times:?}");
        for (number, event) in events.iter().enumerate() {
            assert_eq!(event["seq"], number + 1);
            if let Some(took) = event["duration_ms"].as_u64() {
                assert!(took < 600_000, "durations are not taken from that clock: {event}");
            }
        }
        home.expect(0, &["verify", &run]);
        let asked: [&[&str]; 5] = [
            &["show-run", &run],
            &["runs"],
            &["report", &run, "--format", "md"],
            &["report", &run, "--format", "html"],
            &["report", &run, "--format", "junit"],
        ];
        for arguments in asked {
            let done = home.expect(0, arguments);
            // What a page looks like is no time.
            let words = done.out.rsplit("</style>").next().unwrap();
            let negative = words.split(|c: char| c.is_whitespace() || "\"'>(".contains(c)).find(|word| {
                word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            });
            assert_eq!(negative, None, "{arguments:?}: {}", done.out);
            // That it ended before it started is said in words, where both are told.
            let told = arguments[0] != "runs";
            let said = words.contains("by a clock that was set back");
            assert_eq!(said, told && seconds == "-3600", "{arguments:?}: {}", done.out);
            let said = words.contains("the clock was set ahead, or the machine slept, in between");
            let pages = arguments.contains(&"md") || arguments.contains(&"html");
            assert_eq!(said, pages && seconds == "3600", "{arguments:?}: {}", done.out);
            if arguments.contains(&"junit") {
                let suite = done.out.split_once("<testsuite ").unwrap().1.split_once('>').unwrap().0;
                assert_eq!(suite.contains(" time="), seconds == "3600", "{suite}");
                let cases = done.out.split("<testcase ").skip(1).map(|case| case.split_once('>').unwrap().0);
                let times: Vec<f64> = cases
                    .map(|case| case.split_once(" time=\"").unwrap().1.split_once('"').unwrap().0.parse().unwrap())
                    .collect();
                assert_eq!(times.len(), 3, "{}", done.out);
                assert!(times.iter().all(|time| *time < 600.0), "{times:?} are not taken from that clock");
            }
        }
        // What past runs teach stands on durations alone.
        home.expect(0, &["run", "book.md", "--auto"]);
        let ids: Vec<String> = home.runs().iter().map(|run| text(run, "id").to_owned()).collect();
        home.expect(0, &["compare", &ids[0], &ids[1]]);
    }
}
