//! The units of systemd that run what is due without the window.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use crate::support::{Done, Home, binary};

const SYSTEMCTL: &str = "#!/bin/sh\necho \"$@\" >> \"$HOME/systemctl\"\n[ -z \"$REFUSES\" ] || { echo 'Failed to connect to bus: No such file' >&2; exit 1; }\n";

/// The program with a systemctl of the test's own in front.
fn with_systemctl(home: &Home, refuses: bool, arguments: &[&str]) -> Done {
    let tool = home.file("bin/systemctl", SYSTEMCTL);
    fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = home.command(arguments);
    if refuses {
        command.env("REFUSES", "1");
    }
    command.env("PATH", format!("{}:/usr/bin:/bin", home.path("bin").display())).output().unwrap().into()
}

#[test]
fn units_run_what_is_due_each_minute_and_are_taken_away_again() {
    let home = Home::new();
    let done = with_systemctl(&home, false, &["schedule", "install"]);
    assert_eq!(done.status, Some(0), "{done:?}");
    for said in ["systemctl --user daemon-reload", "enable --now allgood-schedule.timer", "loginctl enable-linger"] {
        assert!(done.out.contains(said), "{said}: {done:?}");
    }
    let folder = home.path(".config/systemd/user");
    let service = fs::read_to_string(folder.join("allgood-schedule.service")).unwrap();
    let timer = fs::read_to_string(folder.join("allgood-schedule.timer")).unwrap();
    let start = format!("ExecStart=\"{}\" schedule run-due\n", binary().display());
    let data = format!("Environment=\"ALLGOOD_DATA={}\"\n", home.path("data").display());
    assert!(service.contains(&start) && service.contains(&data), "{service}");
    assert!(service.contains("Environment=\"PATH=") && service.contains("KillMode=mixed"), "{service}");
    assert!(timer.contains("OnCalendar=minutely") && timer.contains("Persistent=true"), "{timer}");
    let printed = with_systemctl(&home, false, &["schedule", "install", "--print"]);
    assert!(printed.out.contains(&start) && printed.out.contains(&timer), "{printed:?}");
    let gone = with_systemctl(&home, false, &["schedule", "uninstall"]);
    assert_eq!(gone.status, Some(0), "{gone:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    let asked = fs::read_to_string(home.path("systemctl")).unwrap();
    assert_eq!(
        asked.lines().collect::<Vec<_>>(),
        [
            "--user daemon-reload",
            "--user enable --now allgood-schedule.timer",
            "--user disable --now allgood-schedule.timer",
            "--user daemon-reload",
        ]
    );
    let again = with_systemctl(&home, false, &["schedule", "uninstall"]);
    assert!(again.out.contains("Nothing is installed"), "{again:?}");
}

#[test]
fn where_systemd_runs_nothing_for_a_person_the_line_for_cron_is_said() {
    let home = Home::new();
    let done = with_systemctl(&home, true, &["schedule", "install"]);
    assert_eq!(done.status, Some(1), "{done:?}");
    for said in ["No such file", "* * * * * ALLGOOD_DATA=", "schedule run-due", "crontab -e"] {
        assert!(done.err.contains(said), "{said}: {done:?}");
    }
}

#[test]
fn systemd_reads_the_units_as_they_are_meant() {
    let home = Home::new();
    let done = with_systemctl(&home, false, &["schedule", "install"]);
    assert_eq!(done.status, Some(0), "{done:?}");
    let folder = home.path(".config/systemd/user");
    let mut verify = Command::new("systemd-analyze");
    home.dress(&mut verify);
    let verify = verify
        .args(["--user", "--man=no", "verify"])
        .args(["allgood-schedule.service", "allgood-schedule.timer"].map(|name| folder.join(name)))
        .stdin(Stdio::null())
        .env("XDG_RUNTIME_DIR", home.path("run"))
        .output();
    // Where there is no systemd nothing reads them either.
    if let Ok(verify) = verify {
        let said = String::from_utf8_lossy(&verify.stderr).into_owned();
        assert!(!said.contains("allgood-schedule"), "{said}");
    }
}
