//! The checklist in a real pseudo-terminal: what a person sees, types and gets back.

use std::{process::Command, time::Duration};

use expectrl::{Eof, Expect as _, Regex, Session, process::unix::WaitStatus, session::OsSession};

use crate::support::{Home, PATIENCE, binary, processes_of, text, until};

/// A person at a terminal of 100 columns who has typed a line.
pub(crate) struct Person {
    session: OsSession,
    /// How the terminal was before.
    found: String,
}

impl Person {
    /// `allgood` with those arguments, then the state of the terminal, in one shell.
    pub(crate) fn types(home: &Home, arguments: &str) -> Self {
        let mut shell = Command::new("bash");
        home.dress(&mut shell);
        Self::at(shell, arguments)
    }

    /// The same, in a session with a bus.
    pub(crate) fn in_session(session: &crate::access::Session, arguments: &str) -> Self {
        let mut shell = Command::new("bash");
        session.dress(&mut shell);
        Self::at(shell, arguments)
    }

    /// The same, where the programs of that folder come first.
    pub(crate) fn with_programs(session: &crate::access::Session, folder: &std::path::Path, arguments: &str) -> Self {
        let mut shell = Command::new("bash");
        session.dress(&mut shell);
        let before = format!("export PATH='{}':\"$PATH\"; ", folder.display());
        Self::after(shell, &before, arguments)
    }

    /// As [`Person::types`], where the programs of that folder come first.
    pub(crate) fn types_with(home: &Home, folder: &std::path::Path, arguments: &str) -> Self {
        let mut shell = Command::new("bash");
        home.dress(&mut shell);
        let before = format!("export PATH='{}':\"$PATH\"; ", folder.display());
        Self::after(shell, &before, arguments)
    }

    fn at(shell: Command, arguments: &str) -> Self {
        Self::after(shell, "", arguments)
    }

    fn after(mut shell: Command, before: &str, arguments: &str) -> Self {
        // What spawns it gives it a size of its own first: nothing asks for it before it is the one of here.
        let sized = "until [ \"$(stty size)\" = '40 100' ]; do sleep 0.01; done";
        let lines = format!("{sized}; {before}stty -g; allgood {arguments}; echo \"status $?\"; stty -g");
        shell.args(["--norc", "-c", &lines]);
        let _ = binary();
        let mut session = Session::spawn(shell).unwrap();
        session.set_expect_timeout(Some(PATIENCE));
        session.get_process_mut().set_window_size(100, 40).unwrap();
        let found = session.expect(Regex("([0-9a-f]+:)+[0-9a-f]+")).unwrap();
        let found = String::from_utf8_lossy(found.get(0).unwrap()).into_owned();
        Self { session, found }
    }

    /// Waits until this is on the screen after what was seen before.
    pub(crate) fn sees(&mut self, text: &str) {
        if let Err(error) = self.session.expect(text) {
            let mut rest = vec![0; 65536];
            let count = self.session.try_read(&mut rest).unwrap_or(0);
            panic!("{text:?} never came ({error}); unread: {}", String::from_utf8_lossy(&rest[..count]));
        }
    }

    /// Waits as well, and gives all that stood before.
    pub(crate) fn reads_up_to(&mut self, text: &str) -> String {
        let found = self.session.expect(text).unwrap();
        String::from_utf8_lossy(found.before()).into_owned()
    }

    /// Makes the terminal another size.
    pub(crate) fn resizes(&mut self, columns: u16, rows: u16) {
        self.session.get_process_mut().set_window_size(columns, rows).unwrap();
    }

    pub(crate) fn presses(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
    }

    /// Puts the run aside whose turn waits, and leaves.
    pub(crate) fn puts_the_run_aside(mut self) {
        self.presses("q");
        self.sees("Put this run aside?");
        self.presses("y");
        self.leaves(130);
    }

    /// Waits for the end; the terminal must be as it was found.
    pub(crate) fn leaves(mut self, status: i32) {
        let seen = self.session.expect(Regex("status ([0-9]+)")).unwrap();
        let found = String::from_utf8_lossy(seen.get(1).unwrap()).into_owned();
        assert_eq!(found, status.to_string());
        let rest = self.session.expect(Eof).unwrap();
        let after = String::from_utf8_lossy(&[rest.before(), rest.get(0).unwrap()].concat()).into_owned();
        assert_eq!(after.trim(), self.found, "the terminal is as it was found");
        assert!(matches!(self.session.get_process().wait(), Ok(WaitStatus::Exited(_, 0))));
    }
}

const BOOK: &str = "---\nsummary: Moves the lamp.\n---\n# Move the lamp\n\n## Preconditions\n\n\
    Look at it **first**.\n\n- [ ] The lamp is cold\n- [ ] The room is empty\n\n\
    ## Steps\n\n### Carry it\n\nBoth hands, see <https://lamps.example/carry>.\n\n\
    ```sh {name=carry expect=carried}\necho carried\n```\n\n\
    ### Plug it in\n\n```sh {name=plug}\necho \"into <which socket>\"\n```\n\n\
    ### Leave\n\n- [ ] The door is shut\n";

#[test]
fn a_person_goes_through_a_checklist_key_by_key() {
    let home = Home::new();
    home.file("lamp.md", BOOK);
    let mut person = Person::types(&home, "run lamp.md");
    person.sees("Move the lamp");
    person.sees("Moves the lamp.");
    person.sees("PRECONDITIONS");
    person.sees("Look at it");
    person.sees("The lamp is cold");
    person.sees("1 of 5");
    person.sees("Enter");
    person.sees("put aside");
    person.sees("help");
    person.presses("?");
    person.sees("leave it out, with a reason");
    person.sees("help");
    person.presses("n");
    person.sees("Note");
    person.presses("warm to the touch\r");
    person.sees("warm to the touch");
    person.sees("help");
    person.presses("\r");
    person.sees("The lamp is cold");
    person.sees("done ");
    person.sees("The room is empty");
    person.sees("2 of 5");
    person.sees("help");
    person.presses("s");
    person.sees("Why is it skipped?");
    person.presses("nobody lives here\r");
    person.sees("skipped");
    person.sees("nobody lives here");
    person.sees("Carry it");
    person.sees("Both hands");
    person.sees("echo carried");
    person.sees("help");
    person.presses("\r");
    person.sees("carried\r\n");
    person.sees("passed");
    person.sees("expected");
    person.sees("observed");
    person.sees("Plug it in");
    person.sees("help");
    person.presses("\r");
    person.sees("<which socket>");
    person.presses("the left one\r");
    person.sees("runs as:");
    person.sees("into ");
    person.sees("passed");
    person.sees("The door is shut");
    person.sees("help");
    person.presses("\r");
    person.sees("5 of 5");
    person.leaves(0);
    let run = home.only_run();
    assert_eq!((text(&run, "state"), text(&run, "mode")), ("passed", "hand"));
    let shown = home.expect(0, &["show-run", text(&run, "id")]).out;
    for part in ["warm to the touch", "nobody lives here", "the left one", "skipped"] {
        assert!(shown.contains(part), "no {part:?} in\n{shown}");
    }
}

#[test]
fn what_asks_first_is_asked_and_what_runs_beside_the_path_and_again_is_told() {
    let home = Home::new();
    home.file(
        "allgood.toml",
        "[environments.prod]\nkind = \"production\"\nguard = true\nvars = { CLUSTER = \"prd-1\" }\n",
    );
    home.file(
        "drop.md",
        "# Drop it\n\n## Steps\n\n```sh {name=server background}\nexec sleep 1000\n```\n\n\
         ```sh {name=try retry=2 every=10ms}\necho x >> tries; test \"$(wc -l < tries)\" -ge 2\n```\n\n\
         ```sh {name=sure confirm}\necho was sure\n```\n\n```sh {name=drop confirm=\"orders\"}\necho dropped\n```\n\n\
         ```message {name=tell}\nDone in {{CLUSTER}}.\n```\n",
    );
    let mut person = Person::types(&home, "run drop.md --environment prod");
    person.sees("Type prod, the name of the environment");
    person.presses("prod\r");
    person.sees("exec sleep 1000");
    person.sees("help");
    person.presses("\r");
    person.sees("server runs in the background");
    person.sees("up to 3 attempts");
    person.sees("help");
    person.presses("\r");
    person.sees("attempt 1 of 3 failed");
    person.sees("attempt 2 of 3");
    person.sees("passed");
    person.sees("asks before it starts");
    person.sees("help");
    person.presses("\r");
    person.sees("asks to be confirmed");
    person.presses("y");
    person.sees("was sure\r\n");
    person.sees("echo dropped");
    person.sees("help");
    person.presses("\r");
    person.sees("Type orders");
    person.presses("order\r");
    person.sees("is not \"orders\"");
    person.sees("help");
    person.presses("\r");
    person.sees("Type orders");
    person.presses("orders\r");
    person.sees("dropped\r\n");
    person.sees("Done in prd-1.");
    person.sees("help");
    person.presses("\r");
    person.sees("ended with the run");
    person.leaves(0);
    let run = text(&home.only_run(), "id").to_owned();
    let journal = home.journal(&run);
    let holds = |part: &str| journal.iter().any(|line| line.contains(part));
    assert!(holds("\"environment\":\"prod\"") && holds("\"text\":\"Done in prd-1.\""), "{journal:#?}");
    assert_eq!(journal.iter().filter(|line| line.contains("\"kind\":\"confirmed\"")).count(), 3, "{journal:#?}");
    assert!(processes_of(&run).is_empty(), "nothing outlives the run");
}

#[test]
fn what_is_typed_goes_to_the_running_command_and_is_not_recorded() {
    let home = Home::new();
    home.file(
        "ask.md",
        "# Ask\n\n## Steps\n\n```sh {name=ask}\nprintf 'Password: '\nstty -echo\nread -r word\nstty echo\n\
         printf '\\nlength %s\\n' \"${#word}\"\nunset word\n```\n",
    );
    let mut person = Person::types(&home, "run ask.md");
    person.sees("help");
    person.presses("\r");
    person.sees("Password: ");
    person.presses("hunter2-hunter2\r");
    person.sees("length 15");
    person.sees("passed");
    person.leaves(0);
    let run = text(&home.only_run(), "id").to_owned();
    let journal = home.journal(&run).join("\n");
    assert!(journal.contains("input_sent") && !journal.contains("hunter2"), "{journal}");
}

#[test]
fn the_lines_for_a_session_are_asked_for_what_they_lack_shown_filled_and_typed_one_at_a_time() {
    let home = Home::new();
    home.file(
        "inside.md",
        "# Inside\n\n## Steps\n\n```console {name=look}\n$ bash --norc --noprofile\n$ echo \"so: $((40 + 2)) <what>.\"\n$ exit\n```\n",
    );
    let mut person = Person::types(&home, "run inside.md");
    person.sees("in the session: echo \"so: $((40 + 2)) <what>.\"");
    person.sees("help");
    person.presses("\r");
    person.sees("<what>");
    person.presses("a b\r");
    person.sees("line 1 for its session");
    person.sees("<what>");
    person.presses("blue\r");
    person.sees("in the session: echo \"so: $((40 + 2)) blue.\"");
    person.sees("Ctrl-] types the next of 2 lines");
    person.presses("\x1d");
    person.sees("so: 42 blue.");
    person.presses("\x1d");
    person.sees("passed");
    person.leaves(0);
}

#[test]
fn the_first_ctrl_c_goes_to_the_command_and_the_run_goes_on() {
    let home = Home::new();
    home.file(
        "trap.md",
        "# T\n\n## Steps\n\n```sh {name=trap}\ntrap 'echo caught; exit 0' INT\necho waiting\nwhile :; do sleep 0.1; done\n```\n\n\
         - [ ] After it\n",
    );
    let mut person = Person::types(&home, "run trap.md");
    person.sees("help");
    person.presses("\r");
    person.sees("waiting\r\n");
    person.presses("\u{3}");
    person.sees("caught\r\n");
    person.sees("After it");
    person.sees("help");
    person.presses("\r");
    person.leaves(0);
}

#[test]
fn two_ctrl_c_within_a_second_stop_the_run() {
    let home = Home::new();
    home.file(
        "deaf.md",
        "# D\n\n## Steps\n\n```sh {name=deaf}\ntrap '' INT\necho waiting\nwhile :; do sleep 0.1; done\n```\n",
    );
    let mut person = Person::types(&home, "run deaf.md");
    person.sees("help");
    person.presses("\r");
    person.sees("waiting\r\n");
    person.presses("\u{3}\u{3}");
    person.sees("put aside");
    person.leaves(130);
    let run = home.only_run();
    assert_eq!(text(&run, "state"), "paused");
    until("its processes are gone", || processes_of(text(&run, "id")).is_empty());
}

#[test]
fn a_failure_offers_its_ways_out_and_an_override_needs_a_reason() {
    let home = Home::new();
    home.file(
        "fail.md",
        "# F\n\n## Steps\n\n### Look\n\n```sh {name=look expect=blue}\necho red\n```\n\n\
         **If it fails** paint it.\n\n### More\n\n```sh {name=more}\nexit 7\n```\n",
    );
    let mut person = Person::types(&home, "run fail.md");
    person.sees("help");
    person.presses("\r");
    person.sees("failed");
    person.sees("expected");
    person.sees("blue");
    person.sees("observed");
    person.sees("paint it");
    person.sees("try again");
    person.presses("\r");
    person.sees("red\r\n");
    person.sees("try again");
    person.presses("m");
    person.sees("Why is it taken as done?");
    person.presses("\r");
    person.sees("Why is it taken as done?");
    person.presses("painted by hand\r");
    person.sees("taken as done");
    person.sees("More");
    person.sees("help");
    person.presses("\r");
    person.sees("exit 7");
    person.sees("abandon");
    person.presses("a");
    person.sees("Why is the run given up?");
    person.presses("no paint\r");
    person.sees("abandoned");
    person.leaves(1);
    assert_eq!(text(&home.only_run(), "state"), "abandoned");
}

#[test]
fn putting_a_run_aside_asks_first_and_leaves_it_paused() {
    for key in ["q", "\u{3}"] {
        let home = Home::new();
        home.file("lamp.md", BOOK);
        let mut person = Person::types(&home, "run lamp.md");
        person.sees("help");
        person.presses(key);
        person.sees("Put this run aside?");
        person.presses("n");
        person.sees("help");
        person.presses(key);
        person.sees("Put this run aside?");
        person.presses("y");
        person.sees("put aside");
        person.leaves(130);
        assert_eq!(text(&home.only_run(), "state"), "paused");
    }
}

#[test]
fn a_signal_at_a_question_stops_the_run_and_gives_the_terminal_back() {
    for (question, key) in [("help", ""), ("Why is it skipped?", "s")] {
        let home = Home::new();
        home.file("lamp.md", BOOK);
        let mut person = Person::types(&home, "run lamp.md");
        person.sees("help");
        if !key.is_empty() {
            person.presses(key);
            person.sees(question);
        }
        let run = text(&home.only_run(), "id").to_owned();
        let driver =
            std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mine = format!("ALLGOOD_DATA={}", home.path("data").display());
        let driver = driver.filter(|pid| pid.parse::<u32>().is_ok()).find(|pid| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
            name.trim() == "allgood" && environment.split(|byte| *byte == 0).any(|one| one == mine.as_bytes())
        });
        let driver: i32 = driver.unwrap().parse().unwrap();
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(driver), nix::sys::signal::Signal::SIGTERM).unwrap();
        person.leaves(130);
        let after = home.only_run();
        assert_eq!((text(&after, "id"), text(&after, "state")), (run.as_str(), "paused"));
    }
}

#[test]
fn keys_typed_ahead_of_a_question_do_not_answer_it() {
    let home = Home::new();
    home.file(
        "two.md",
        "# T\n\n## Steps\n\n```sh {name=quick}\necho ready\nread -r line\necho got\n```\n\n- [ ] Look twice\n",
    );
    let mut person = Person::types(&home, "run two.md");
    person.sees("help");
    person.presses("\r");
    person.sees("ready\r\n");
    person.presses("\r\r\r\r\r\r");
    person.sees("got\r\n");
    person.sees("Look twice");
    person.sees("help");
    assert_eq!(
        text(&home.only_run(), "state"),
        "waiting",
        "the check was not ticked by an Enter meant for the command"
    );
    person.presses("\r");
    person.leaves(0);
}

#[test]
fn the_commands_terminal_is_as_large_as_the_persons_and_follows_it() {
    let home = Home::new();
    home.file(
        "size.md",
        "# S\n\n## Steps\n\n```sh {name=size}\nstty size\ntrap 'stty size; exit 0' WINCH\necho ready\n\
         while :; do sleep 0.1; done\n```\n",
    );
    let mut person = Person::types(&home, "run size.md");
    person.sees("help");
    person.presses("\r");
    person.sees("40 100\r\n");
    person.sees("ready\r\n");
    person.resizes(70, 20);
    person.sees("20 70\r\n");
    person.leaves(0);
}

#[test]
fn a_program_that_leaves_the_terminal_in_disorder_does_no_harm() {
    let home = Home::new();
    home.file(
        "mess.md",
        "# M\n\n## Steps\n\n```sh {name=mess}\nprintf '\\033[?1049h\\033[?25l\\033[?2004hlost'\n```\n",
    );
    let mut person = Person::types(&home, "run mess.md");
    person.sees("help");
    person.presses("\r");
    person.sees("lost");
    person.sees("\u{1b}[?1049l");
    person.sees("\u{1b}[?25h");
    person.sees("\u{1b}[?2004l");
    person.leaves(0);
}

#[test]
fn auto_in_a_terminal_asks_only_for_what_needs_a_person() {
    let home = Home::new();
    home.file(
        "auto.md",
        "---\nparams:\n  region: {prompt: Which region, default: eu-1}\n---\n# A\n\n## Steps\n\n\
         ```sh {name=one}\necho \"in $region\"\n```\n\n```sh {name=two}\necho second\n```\n\n- [ ] Seen by a person\n\n\
         ```sh {name=three}\necho third\n```\n",
    );
    let mut person = Person::types(&home, "run auto.md --auto");
    person.sees("Which region");
    person.presses("\r");
    person.sees("in eu-1\r\n");
    person.sees("second\r\n");
    person.sees("Seen by a person");
    person.sees("help");
    person.presses("\r");
    person.sees("third\r\n");
    person.leaves(0);
}

#[test]
fn trust_is_asked_for_after_showing_what_is_in_the_folder() {
    let home = Home::new();
    home.file("team/book.md", "# B\n\n## Steps\n\n```sh\nrm -f /tmp/nothing\n```\n");
    home.expect(0, &["library", "add", "team"]);
    let mut person = Person::types(&home, "library trust team");
    person.sees("rm 1");
    person.sees("Trust ");
    person.presses("n");
    person.leaves(130);
    assert_eq!(home.expect(0, &["library", "list", "--json"]).json()[0]["trusted"], false);
    let mut person = Person::types(&home, "library trust team");
    person.sees("Trust ");
    person.presses("y");
    person.sees("is trusted");
    person.leaves(0);
    assert_eq!(home.expect(0, &["library", "list", "--json"]).json()[0]["trusted"], true);
}

#[test]
fn no_color_and_ascii_are_honoured_in_a_terminal() {
    let home = Home::new();
    home.file("lamp.md", BOOK);
    let mut shell = Command::new("bash");
    home.dress(&mut shell);
    shell.env("NO_COLOR", "1").env("LANG", "C").args(["--norc", "-c", "allgood show lamp.md"]);
    let mut session = Session::spawn(shell).unwrap();
    session.set_expect_timeout(Some(Duration::from_secs(60)));
    let all = session.expect(Eof).unwrap();
    let screen = [all.before(), all.get(0).unwrap()].concat();
    assert!(
        !screen.is_empty() && screen.is_ascii() && !screen.contains(&0x1b),
        "{}",
        String::from_utf8_lossy(&screen)
    );
}
