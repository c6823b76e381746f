//! A command that prints its secrets in every way that a command can: none of them is anywhere afterwards (ACCESS.md,
//! "Masking").

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use testkit::Sshd;

use crate::{
    support::{Done, Home, text},
    targets::{host, with_ssh},
    terminal::Person,
};

/// With what is escaped somewhere; of several lines, with one that is too short to be looked for alone; and plain.
const SECRETS: [&str; 3] =
    ["Zq7#k'9 \"x\\y<&>+/=%z", "first-line-of-a-key 1\nabc\nlast-line+of/a-key=2", "hunter2-plain-77"];

/// What prints a secret. Nothing of it is an argument of a program: those can be seen by everybody.
const LOUD: &str = r#"
loud() {
  local s=$1 i c b
  printf '%s\n' "$s"
  printf 'before%safter%s\n' "$s" "$s"
  printf %s "$s" | base64 -w 0; echo
  printf 'x%s' "$s" | base64 -w 7
  printf 'xx%syy' "$s" | base64 -w 1 | sed 's/$/\r/'
  printf %s "$s" | base64 -w 0 | tr '+/' '-_'; echo
  printf %s "$s" | od -An -v -tx1
  printf %s "$s" | od -An -v -tx1 | tr -d ' \n'; echo
  printf %s "$s" | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F | fold -w 5; echo
  printf '%q\n' "$s"; printf '%s\n' "${s@Q}"; declare -p s
  for b in $(printf %s "$s" | od -An -v -tx1); do printf '%%%s' "$b"; done; echo
  for ((i = 0; i < ${#s}; i++)); do
    c=${s:i:1}
    case $c in [a-zA-Z0-9._~-]) printf %s "$c" ;; ' ') printf + ;; *) printf '%%%02X' "'$c" ;; esac
  done; echo
  printf %s "$s" | sed -z 's/\\/\\\\/g; s/"/\\"/g; s/\n/\\n/g; s|/|\\/|g'; echo
  printf %s "$s" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g; s/'\''/\&#39;/g'; echo
  for ((i = 0; i <= ${#s}; i++)); do printf %s "${s:0:i}"; sleep 0.01; printf '%s|\n' "${s:i}"; done
  for ((i = 0; i < ${#s}; i++)); do printf '\e[3%dm%s\e[0m' $((i % 8)) "${s:i:1}"; done; echo
  printf '\e]0;%s\a' "$s"; printf '\e]2;for %s\e\\' "$s"
  printf '\e]52;c;%s\a' "$(printf %s "$s" | base64 -w 0)"
  "no-such-$s" || true; (cd "/nowhere/$s") || true; (. "/nowhere/$s") || true
  (set -x; : "$s")
  printf 'the last of it is %s\n' "$s"
}
"#;

/// The runbook, whose blocks say `on` where they run. Their files are in the folder `box`.
fn book(folder: &Path, on: &str) -> String {
    format!(
        "---\nenv:\n  BOX: {}\n---\n# Loud\n\n## Steps\n\n```bash {{name=fetch{on}}}\n\
         export A_TOKEN=\"$(cat \"$BOX\"/secret-0)\" B_KEY=\"$(cat \"$BOX\"/secret-1)\" C_PASSWORD=\"$(cat \"$BOX\"/secret-2)\"\n\
         export ADDRESS=\"https://me:$C_PASSWORD@host\"\n\
         echo \"SECOND=see $A_TOKEN\" >> \"$ALLGOOD_ENV\"\n\
         cd \"$BOX/folder $C_PASSWORD\"\n```\n\n\
         ```bash {{name=loud{on}}}\n{LOUD}\nloud \"$A_TOKEN\"; loud \"$B_KEY\"; loud \"$C_PASSWORD\"\n\
         test \"$ADDRESS\" = \"https://me:$C_PASSWORD@host\"; test \"$SECOND\" = \"see $A_TOKEN\"\n\
         test \"${{PWD##*/}}\" = \"folder $C_PASSWORD\"\n```\n\n\
         ```bash {{name=captured capture=SEEN{on}}}\necho \"it is $C_PASSWORD\"\n```\n\n\
         ```bash {{name=again{on}}}\necho \"$SEEN\"; test \"$SEEN\" = \"it is $C_PASSWORD\"\n```\n\n\
         ```bash {{name=errors expect=\"never printed\"{on}}}\n{LOUD}\nloud \"$A_TOKEN\"; loud \"$C_PASSWORD\"; exit 3\n```\n",
        folder.display()
    )
}

/// What must be nowhere, by secret: what stands there as it is, and what is encoded, for text without white space.
fn forms(secret: &str) -> (Vec<String>, Vec<String>) {
    let json = serde_json::to_string(secret).unwrap();
    let percent = |upper: bool| -> String {
        secret.bytes().map(|byte| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") }).collect()
    };
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let mut written = vec![secret.to_owned(), json.trim_matches('"').to_owned(), percent(true), percent(false), xml];
    written.extend(secret.lines().filter(|line| line.len() >= 4).map(str::to_owned));
    let hexadecimal: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut coded = vec![hexadecimal.to_uppercase(), hexadecimal];
    for before in 0..3 {
        let text = STANDARD.encode([vec![0; before], secret.as_bytes().to_vec()].concat());
        let sure = text[[0, 2, 3][before]..(before + secret.len()) * 8 / 6].to_owned();
        coded.extend([sure.replace('+', "-").replace('/', "_"), sure]);
    }
    (written, coded)
}

/// Insists that no secret is in these bytes, as they are, as a terminal shows them, or across line wraps.
fn assert_clean(place: &str, bytes: &[u8]) {
    let shown = strip_ansi_escapes::strip(bytes);
    for secret in SECRETS {
        let (written, coded) = forms(secret);
        for read in [bytes, &shown] {
            let dense: Vec<u8> = read.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            let no_returns: Vec<u8> = read.iter().copied().filter(|byte| *byte != b'\r').collect();
            let kinds = [(&no_returns, &written), (&dense, &coded)];
            for (read, form) in kinds.into_iter().flat_map(|(read, forms)| forms.iter().map(move |form| (read, form)))
            {
                let found = read.windows(form.len()).position(|window| window == form.as_bytes());
                if let Some(at) = found {
                    let around = &read[at.saturating_sub(120)..(at + form.len() + 40).min(read.len())];
                    panic!("{form:?} is in {place}: {}", String::from_utf8_lossy(around));
                }
            }
        }
    }
}

/// Every file below a folder, but for those that hold the secrets on purpose.
fn files(folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if !path.file_name().unwrap().to_string_lossy().starts_with("secret-") {
            // One may go while it is looked at.
            found.insert(path.display().to_string(), fs::read(&path).unwrap_or_default());
        }
    }
}

fn assert_home_clean(home: &Home) {
    let mut all = BTreeMap::new();
    files(&home.path(""), &mut all);
    assert!(all.keys().any(|path| path.ends_with("allgood.db")), "{:?}", all.keys());
    all.iter().for_each(|(path, bytes)| assert_clean(path, bytes));
}

/// What everybody on this machine can see of every process: its arguments.
fn assert_processes_clean() {
    for process in fs::read_dir("/proc").unwrap() {
        let file = process.unwrap().path().join("cmdline");
        let arguments = fs::read(&file).unwrap_or_default();
        for secret in SECRETS.iter().flat_map(|secret| secret.lines()).filter(|line| line.len() >= 4) {
            let seen = arguments.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!seen, "{}: {}", file.display(), String::from_utf8_lossy(&arguments));
        }
    }
}

/// Does something while the files of the store and the arguments of all processes are looked at, again and again.
fn watched<T>(home: &Home, act: impl FnOnce() -> T) -> T {
    let over = AtomicBool::new(false);
    let data = home.path("data");
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut looked = 0;
            while looked == 0 || !over.load(Ordering::Relaxed) {
                assert_processes_clean();
                let mut all = BTreeMap::new();
                files(&data, &mut all);
                all.iter().for_each(|(path, bytes)| assert_clean(path, bytes));
                looked += 1;
            }
        });
        let done = act();
        over.store(true, Ordering::Relaxed);
        watch.join().unwrap();
        done
    })
}

/// Reports, exports and what the program shows of the run.
fn assert_told_clean(home: &Home, run: &str) {
    for format in ["md", "html", "jsonl", "junit"] {
        let report = home.expect(0, &["report", run, "--format", format]).out;
        assert!(report.contains('•') || format == "junit", "{format} tells of the commands");
        assert_clean(format, report.as_bytes());
    }
    assert_clean("show-run", home.expect(0, &["show-run", run, "--output"]).out.as_bytes());
    assert_clean("show-run --json", home.expect(0, &["show-run", run, "--json"]).out.as_bytes());
    home.expect(0, &["export", run, "-o", "run.file"]);
    let mut archive = zip::ZipArchive::new(fs::File::open(home.path("run.file")).unwrap()).unwrap();
    assert!(archive.len() > 1);
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert_clean(&format!("entry {at} of the export"), &bytes);
    }
    assert_home_clean(home);
}

#[test]
fn what_prints_its_secrets_in_every_form_leaves_none_of_them_anywhere() {
    let home = Home::new();
    print_them_all(&home, "", &home.path(""), |arguments| home.command(arguments));
}

#[test]
fn what_prints_its_secrets_on_a_host_leaves_none_of_them_anywhere_and_in_no_argument_on_either_side() {
    let (home, sshd, folder) = (Home::new(), Sshd::start(), tempfile::tempdir().unwrap());
    host(&home, &sshd);
    home.expect(0, &["access", "allow", "there", "loud.md"]);
    print_them_all(&home, " on=there", folder.path(), |arguments| with_ssh(&home, &sshd, arguments));
}

fn print_them_all(home: &Home, on: &str, folder: &Path, command: impl Fn(&[&str]) -> std::process::Command) {
    home.file("loud.md", &book(folder, on));
    for (at, secret) in SECRETS.iter().enumerate() {
        fs::write(folder.join(format!("secret-{at}")), secret).unwrap();
    }
    fs::create_dir(folder.join(format!("folder {}", SECRETS[2]))).unwrap();
    let arguments = ["run", "loud.md", "--auto", "--json", "--junit", "end.xml"];
    let done: Done = watched(home, || command(&arguments).output().unwrap().into());
    assert_eq!(done.status, Some(1), "{done:?}");
    assert_clean("standard output", done.out.as_bytes());
    assert_clean("standard error", done.err.as_bytes());
    let run = text(&home.only_run(), "id").to_owned();
    let events = done.events();
    let passed = |item: &str| {
        events
            .iter()
            .any(|event| event["kind"] == "attempt_ended" && event["item"] == item && event["state"] == "passed")
    };
    for item in ["fetch", "loud", "captured", "again"] {
        assert!(passed(item), "{item} got its values: {done:?}");
    }
    assert_told_clean(home, &run);
    // What was masked is there, as a mark, and what stood beside it.
    let shown = home.expect(0, &["show-run", &run, "--output"]).out;
    assert!(shown.contains("before•••after•••") && shown.contains("the last of it is •••"), "{shown}");
}

#[test]
fn what_a_person_types_of_a_secret_is_in_no_record_and_a_prompt_is_not_delayed() {
    let home = Home::new();
    let secret = SECRETS[2];
    home.file(
        "typed.md",
        "---\nparams:\n  ENTRANCE: {secret: true, required: true}\n---\n# Typed\n\n## Steps\n\n\
         ```bash {name=asking}\nprintf 'go on? %s' \"${ENTRANCE:0:3}\"; read -r answer; echo \"got $answer, $ENTRANCE\"\n```\n\n\
         - [ ] First\n- [ ] Second\n",
    );
    let mut person = Person::types(&home, "run typed.md");
    person.sees("ENTRANCE");
    person.presses(&format!("{secret}\r"));
    person.sees("asking");
    person.sees("help");
    person.presses("\r");
    // The command waits: what has come so far could be the beginning of the secret.
    person.sees("go on? hun");
    person.presses("yes\r");
    person.sees("got yes, •••");
    person.sees("First");
    person.sees("help");
    person.presses("n");
    person.sees("Note");
    person.presses(&format!("it is {secret}\r"));
    person.sees("it is •••");
    person.sees("help");
    person.presses("s");
    person.sees("Why is it skipped?");
    person.presses(&format!("because of {secret}\r"));
    person.sees("because of •••");
    person.sees("Second");
    person.sees("help");
    person.presses("\r");
    person.sees("passed");
    person.leaves(0);
    let run = text(&home.only_run(), "id").to_owned();
    assert_told_clean(&home, &run);
}
