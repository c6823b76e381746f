//! The other side of a target: one constant command that every target is given, and what it then reads from its standard
//! input. Nothing of a script or a variable is ever an argument, here or there.
//!
//! The command makes its terminal raw and without echo, says that it is ready, and is sent a nonce. With that it says where
//! its files are and which shells there are, and is sent a length, and when it has that so many bytes (some shells read ahead
//! of the end of a line): a text for its own shell, which writes
//! the files, starts the script in a process of its own, and afterwards sends what the script left behind. Everything that
//! it says of itself is a mark that holds the nonce, which the script does not know.
//!
//! When the terminal hangs up, because the connection is lost or this program was killed, what was started there is ended by
//! a process that waits for that. It and the ender know what belongs to a command by the variable `ALLGOOD_ENV`.

use crate::process::shell::quote;

/// The functions that find and end what belongs to a command. No single quote, no `!` and no line break may stand in it:
/// the shells of all sorts of logins read it.
macro_rules! functions {
    () => {
        "ag_f() { for ag_q in $(grep -lsF \"ALLGOOD_ENV=$ag_d/\" /proc/[0-9]*/environ 2>/dev/null); do \
         ag_q=${ag_q#/proc/}; printf \"%s \" \"${ag_q%/environ}\"; done; }; \
         ag_e() { for ag_k in TERM KILL; do ag_c=0; while [ $ag_c -lt 50 ]; do ag_m=$(ag_f); \
         [ \"$ag_m\" ] || return 0; \
         if [ $ag_c = 0 ] || [ $ag_k = KILL ]; then kill -$ag_k $ag_m 2>/dev/null; fi; \
         sleep 0.1 2>/dev/null || sleep 1; ag_c=$((ag_c+1)); done; done; [ -z \"$(ag_f)\" ]; }; "
    };
}

/// The command, for `sh -c`.
pub(super) const BOOTSTRAP: &str = concat!(
    "ag_u=$(umask); umask 077; ",
    "ag_t=$(stty -g 2>/dev/null) && stty raw -echo 2>/dev/null || { printf \"\\036allgood no-terminal\\036\"; exit 97; }; ",
    "printf \"\\036allgood ready\\036\"; ",
    "IFS=\" \" read -r ag_n ag_i || exit 97; ",
    "for ag_d in \"$XDG_RUNTIME_DIR\" /dev/shm \"$TMPDIR\" /tmp \"\"; do ",
    "case $ag_d in /*) mkdir -m 700 \"$ag_d/allgood-$ag_i\" 2>/dev/null && break ;; esac; done; ",
    "[ \"$ag_d\" ] || { printf \"\\036allgood no-folder %s\\036\" \"$ag_n\"; exit 97; }; ",
    "ag_d=$ag_d/allgood-$ag_i; ag_s=; ",
    "for ag_p in bash zsh fish ksh ksh93 mksh pwsh powershell sh; do ",
    "command -v $ag_p >/dev/null 2>&1 && ag_s=$ag_s$ag_p,; done; ",
    "printf \"\\036allgood at %s %s %s\\036\" \"$ag_n\" \"$ag_s\" \"$ag_d\"; ",
    "IFS= read -r ag_l || exit 97; printf \"\\036allgood go %s\\036\" \"$ag_n\"; ag_p=$(head -c \"$ag_l\"); stty \"$ag_t\"; eval \"$ag_p\""
);

/// Ends what belongs to the command whose folder it reads from its standard input, for `sh -c`: status 0 when nothing of it
/// is left.
pub(super) const ENDER: &str = concat!("IFS= read -r ag_d; [ \"$ag_d\" ] || exit 97; ", functions!(), "ag_e");

/// Either of them as a word for a login shell, whichever that is.
pub(super) fn for_login_shell(command: &str) -> String {
    format!("exec sh -c '{command}'")
}

/// The files that are sent back, in this order. `done` last, so that its presence says that the others are whole.
const BACK: &[&str] = &[
    "env",
    "captured",
    "before.exported",
    "before.readonly",
    "before.all",
    "before.local",
    "before.cwd",
    "after.exported",
    "after.readonly",
    "after.all",
    "after.local",
    "after.cwd",
    "after.done",
];

/// Sends those files that are there, each after its name and size. As few programs as can be: on many hosts at once, and on
/// slow ones, their starts are what a command costs. What still grows is cut where it was counted, what is no file any more is
/// not read, and the word for the sum is the same in every language.
const SEND: &str = concat!(
    "ag_b() { ag_x=; for ag_p in \"$@\"; do if [ -f \"$ag_d/$ag_p\" ]; then ag_x=\"$ag_x $ag_p\"; fi; done; ",
    "[ \"$ag_x\" ] || return 0; (cd \"$ag_d\" && LC_ALL=C wc -c $ag_x 2>/dev/null) | while read -r ag_l ag_p; do ",
    "[ \"$ag_p\" = total ] || { printf \"%s %s\\n\" \"$ag_p\" \"$ag_l\"; ",
    "[ \"$ag_l\" = 0 ] || head -c \"$ag_l\" \"$ag_d/$ag_p\" 2>/dev/null; }; done; }\n"
);

/// More than can become a variable (RUNS.md, "Carrying"): what is over that is not sent back.
const CAPTURED: usize = 110_000;

/// What is to be started there.
pub(super) struct Order<'a> {
    pub(super) nonce: &'a str,
    /// Files of that folder, by name.
    pub(super) files: &'a [(String, Vec<u8>)],
    /// Names and values of exported variables.
    pub(super) exported: Vec<(&'a str, Vec<u8>)>,
    /// The program and its arguments.
    pub(super) words: Vec<Vec<u8>>,
    /// Where it starts, if not where the target begins.
    pub(super) cwd: Option<&'a [u8]>,
    /// Standard input is the terminal; else it is empty.
    pub(super) interactive: bool,
    /// What it writes to standard output is wanted by itself.
    pub(super) captured: bool,
}

/// The text that the bootstrap evaluates.
pub(super) fn payload(order: &Order<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    let mut add = |part: &[u8]| text.extend_from_slice(part);
    add(functions!().as_bytes());
    add(b"\n( trap \"\" HUP INT QUIT; while kill -0 $$ 2>/dev/null; do sleep 1; done; ag_e; rm -rf \"$ag_d\" ) \
          </dev/null >/dev/null 2>&1 &\nag_w=$!\n");
    for name in BACK.iter().filter(|name| !matches!(**name, "captured" | "after.done")) {
        add(format!(": >\"$ag_d/{name}\"\n").as_bytes());
    }
    // A here-document is no argument of anything, whatever the shell has built in.
    let end = format!("AG_{}", order.nonce);
    for (name, bytes) in order.files {
        add(format!("cat >\"$ag_d/{name}\" <<'{end}'\n").as_bytes());
        add(bytes);
        add(format!("\n{end}\n").as_bytes());
    }
    add(b"trap : INT QUIT\n");
    if order.captured {
        add(format!(
            "mkfifo \"$ag_d/pipe\"\n{{ tee /dev/fd/3 <\"$ag_d/pipe\" | {{ head -c {CAPTURED} >\"$ag_d/captured\"; \
             cat >/dev/null; }}; }} 3>&1 2>/dev/null &\nag_o=$!\n"
        )
        .as_bytes());
    }
    add(b"printf \"\\036allgood begin %s\\036\" \"$ag_n\"\n(\numask \"$ag_u\"\n");
    if let Some(cwd) = order.cwd {
        add(b"CDPATH= cd -- ");
        add(&quote(cwd));
        add(b" || { printf \"\\036allgood nowhere %s\\036\" \"$ag_n\"; exit 97; }\n");
    }
    add(b"pwd >\"$ag_d/before.cwd\"\nunset BASH_ENV ENV\n");
    for (name, value) in &order.exported {
        add(format!("export {name}=").as_bytes());
        add(&quote(value));
        add(b"\n");
    }
    add(b"export ALLGOOD_ENV=\"$ag_d/env\"\nexec");
    for word in &order.words {
        add(b" ");
        add(&quote(word));
    }
    add(b"\n)");
    if !order.interactive {
        add(b" </dev/null");
    }
    if order.captured {
        add(b" >\"$ag_d/pipe\"");
    }
    add(b"\nag_r=$?\n");
    if order.captured {
        add(b"{ sleep 2; kill $ag_o; } </dev/null >/dev/null 2>&1 &\nag_k=$!\nwait $ag_o\nkill $ag_k 2>/dev/null\n");
    }
    add(b"stty raw -echo\nprintf \"\\036allgood end %s %s\\036\" \"$ag_n\" \"$ag_r\"\n");
    add(SEND.as_bytes());
    add(format!("ag_b {}\n", BACK.join(" ")).as_bytes());
    // Looked for last, since what is about to be another program has no variables for a moment; and what is about to end is
    // given the time that it takes.
    add(b"ag_m=$(ag_f)\nif [ \"$ag_m\" ]; then sleep 0.2 2>/dev/null || sleep 1; ag_m=$(ag_f); fi\n");
    add(
        b"for ag_p in $ag_m; do read -r ag_q <\"/proc/$ag_p/comm\" && printf \"%s %s\\n\" \"$ag_p\" \"$ag_q\"; done \
          >\"$ag_d/left\" 2>/dev/null\n",
    );
    add(b"ag_b left\n");
    add(b"printf \"\\036allgood done %s\\036\" \"$ag_n\"\nstty \"$ag_t\"\n");
    // What was left running lives on until the run ends: the terminal stays, and with it this shell.
    add(b"while [ \"$ag_m\" ]; do sleep 1; ag_m=$(ag_f); done\n");
    add(b"kill $ag_w 2>/dev/null\nrm -rf \"$ag_d\"\nexit \"$ag_r\"\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_can_be_read_by_any_login_shell() {
        for command in [BOOTSTRAP, ENDER] {
            assert!(!command.contains(['\'', '!', '\n']) && !command.contains("\\\\"), "{command}");
        }
    }

    #[test]
    fn what_is_there_is_sent_back_whole_whatever_the_language_and_what_is_no_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("env", "A=1\n");
        write("after.cwd", "/tmp");
        write("after.done", "");
        // In another language the sum has another word.
        write(
            "wc",
            "#!/bin/sh\n[ \"$LC_ALL\" = C ] || { echo '8312 insgesamt'; exit; }\nPATH=/usr/bin:/bin exec wc \"$@\"\n",
        );
        let script = format!(
            "chmod +x \"$ag_d/wc\"; mkfifo \"$ag_d/captured\"; PATH=\"$ag_d:$PATH\"; {SEND}ag_b env captured gone after.cwd \
             after.done; ag_b gone; ag_b after.done"
        );
        let sent =
            std::process::Command::new("sh").arg("-c").arg(script).env("ag_d", folder.path()).output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&sent.stdout),
            "env 4\nA=1\nafter.cwd 4\n/tmpafter.done 0\nafter.done 0\n"
        );
        assert!(sent.stderr.is_empty(), "{sent:?}");
    }
}
