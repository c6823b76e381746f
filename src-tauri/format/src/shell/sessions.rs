//! Which commands open another shell, to which the lines after them are meant (FORMAT.md, "Another shell").

use super::Command;

/// Programs whose prompt takes a language of its own, with the options that name a script and those with a value.
struct Prompt {
    names: &'static [&'static str],
    scripts: &'static [&'static str],
    valued: &'static [&'static str],
    /// How many words that are no options it takes and still prompts.
    words: usize,
}

const PROMPTS: &[Prompt] = &[
    Prompt {
        names: &["psql"],
        scripts: &["-c", "-f", "-l", "--command", "--file", "--list", "-V"],
        valued: &[
            "-h",
            "-p",
            "-U",
            "-d",
            "-v",
            "-P",
            "--host",
            "--port",
            "--username",
            "--dbname",
            "--set",
            "--variable",
        ],
        words: 2,
    },
    Prompt {
        names: &["mysql", "mariadb"],
        scripts: &["-e", "--execute", "-V"],
        valued: &["-h", "-P", "-u", "-D", "--host", "--port", "--user", "--database"],
        words: 1,
    },
    Prompt {
        names: &["redis-cli", "valkey-cli"],
        scripts: &["--eval", "--scan", "--stat", "--latency", "--pipe", "--bigkeys", "--rdb", "--cluster"],
        valued: &["-h", "-p", "-a", "-n", "-u", "-s", "--user", "--pass"],
        words: 0,
    },
    Prompt {
        names: &["mongo", "mongosh"],
        scripts: &["--eval", "--file", "-f"],
        valued: &["-u", "-p", "--host", "--port", "--username", "--password"],
        words: 1,
    },
    Prompt { names: &["cqlsh"], scripts: &["-e", "-f"], valued: &["-u", "-p"], words: 2 },
    Prompt { names: &["sqlite3"], scripts: &[], valued: &["-cmd", "-separator"], words: 1 },
    Prompt { names: &["sftp"], scripts: &["-b"], valued: &["-P", "-i", "-o", "-F", "-J"], words: 1 },
    Prompt { names: &["telnet", "ftp"], scripts: &[], valued: &["-l"], words: 2 },
    Prompt { names: &["irb", "pry"], scripts: &["-e"], valued: &["-r"], words: 0 },
    Prompt { names: &["chroot"], scripts: &[], valued: &[], words: 1 },
    Prompt { names: &["su"], scripts: &["-c", "--command"], valued: &["-s", "-g"], words: 1 },
];

/// Options of `ssh` that take a value (OpenSSH, ssh(1)).
const SSH_VALUED: &str = "BbcDEeFIiJLlmOopQRSWw";

/// Whether a command opens a session for which it brings neither a command nor a script.
pub(crate) fn opens_session(command: &Command<'_>) -> bool {
    if command.piped || command.fed || command.background || command.depth > 0 {
        return false;
    }
    let mut words = Vec::new();
    let mut skip_target = false;
    for word in &command.words {
        if std::mem::take(&mut skip_target) {
            continue;
        }
        if !word.raw.starts_with(['"', '\'']) && is_redirection(word.raw) {
            // Its input is a file: that is its script.
            if word.raw.trim_start_matches(|letter: char| letter.is_ascii_digit()).starts_with('<')
                && !is_placeholder(word.raw)
            {
                return false;
            }
            if !is_placeholder(word.raw) {
                skip_target = word.raw.ends_with(['<', '>']);
                continue;
            }
        }
        words.push(word.bare());
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    opens(&words, 0)
}

fn is_placeholder(word: &str) -> bool {
    word.starts_with('<') && word.ends_with('>') && word.len() > 2
}

fn is_redirection(word: &str) -> bool {
    let bare = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
    bare.starts_with(['<', '>']) || bare.starts_with("&>")
}

/// `depth` bounds the commands within commands: `sudo sudo sudo …`.
fn opens(words: &[&str], depth: usize) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    if depth > 8 {
        return false;
    }
    if is_assignment(first) {
        return opens(rest, depth + 1);
    }
    let name = first.rsplit('/').next().unwrap_or(first);
    // Whatever it is, it says so and goes.
    if rest.iter().any(|word| matches!(*word, "--version" | "-version" | "--help" | "-help")) {
        return false;
    }
    match name {
        "sudo" | "doas" => sudo(rest, depth),
        "exec" | "env" | "command" | "nohup" | "winpty" => {
            let at = rest.iter().position(|word| !word.starts_with('-') && !is_assignment(word));
            // `exec bash` becomes another shell; `env` alone prints.
            at.and_then(|at| rest.get(at..)).is_some_and(|inner| is_shell(inner) || opens(inner, depth + 1))
        }
        "ssh" => ssh(rest),
        "oc" | "kubectl" | "k" | "docker" | "podman" | "nerdctl" | "crictl" | "docker-compose" | "lxc" => {
            container(name, rest, depth)
        }
        "rails" | "rake" | "gitlab-rails" => matches!(rest.first(), Some(&("console" | "c" | "dbconsole" | "db"))),
        "bundle" | "poetry" | "pipenv" => {
            matches!(rest.first(), Some(&("exec" | "run"))) && opens(rest.get(1..).unwrap_or_default(), depth + 1)
        }
        "vagrant" => rest.first() == Some(&"ssh") && !rest.iter().any(|word| matches!(*word, "-c" | "--command")),
        "virtctl" => {
            matches!(rest.first(), Some(&("console" | "ssh")))
                && !rest.iter().any(|word| matches!(*word, "-c" | "--command"))
        }
        "gcloud" => rest.contains(&"ssh") && !rest.iter().any(|word| word.starts_with("--command") || *word == "--"),
        "aws" => rest.starts_with(&["ssm", "start-session"]) && !rest.contains(&"--document-name"),
        "machinectl" => rest.first() == Some(&"shell"),
        "bash" | "sh" | "zsh" | "ksh" | "fish" | "dash" | "ash" => is_shell(words),
        _ => PROMPTS.iter().find(|prompt| prompt.names.contains(&name)).is_some_and(|prompt| prompts(prompt, rest)),
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    })
}

/// A shell with nothing to run: `bash`, `/bin/sh -l`.
fn is_shell(words: &[&str]) -> bool {
    let Some((first, rest)) = words.split_first() else { return false };
    let name = first.rsplit('/').next().unwrap_or(first);
    matches!(name, "sh" | "bash" | "zsh" | "ksh" | "ash" | "dash" | "fish")
        && rest
            .iter()
            .all(|word| matches!(*word, "-l" | "-i" | "--login" | "-il" | "-li" | "--norc" | "--noprofile" | "-"))
}

fn prompts(prompt: &Prompt, words: &[&str]) -> bool {
    let mut plain = 0;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if prompt.scripts.iter().any(|script| word == script || word.starts_with(&format!("{script}="))) {
            return false;
        }
        if *word == "-" {
            continue;
        }
        if word.starts_with('-') {
            if prompt.valued.contains(word) {
                words.next();
            }
        } else {
            plain += 1;
        }
    }
    plain <= prompt.words
}

fn sudo(words: &[&str], depth: usize) -> bool {
    let mut interactive = false;
    let mut rest = words;
    while let Some((word, after)) = rest.split_first() {
        if is_assignment(word) {
            rest = after;
        } else if matches!(*word, "-u" | "-g" | "-h" | "-p" | "-C" | "-D") {
            rest = after.get(1..).unwrap_or_default();
        } else if *word == "--" {
            rest = after;
            break;
        } else if word.starts_with('-') {
            interactive |= matches!(*word, "-i" | "-s" | "--login" | "--shell")
                || (!word.starts_with("--") && word.contains(['i', 's']));
            rest = after;
        } else {
            break;
        }
    }
    if rest.is_empty() { interactive } else { is_shell(rest) || opens(rest, depth + 1) }
}

fn ssh(words: &[&str]) -> bool {
    let mut host = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if host {
            return false;
        }
        match word.strip_prefix('-') {
            Some(letters) if !letters.is_empty() => {
                // Tunnels, queries and control commands open no shell.
                if letters.contains(['N', 'f', 'W', 'O', 'Q', 'V', 'G']) && !begins_with_a_value(letters) {
                    return false;
                }
                let valued = letters.chars().position(|letter| SSH_VALUED.contains(letter));
                if valued.is_some_and(|at| at + 1 == letters.chars().count()) {
                    words.next();
                }
            }
            _ => host = true,
        }
    }
    host
}

/// Whether the first letter takes a value, so that the others are that value: `-iFILE`.
fn begins_with_a_value(letters: &str) -> bool {
    letters.starts_with(|letter: char| SSH_VALUED.contains(letter) && !matches!(letter, 'W' | 'O' | 'Q'))
}

/// `kubectl exec -it POD -- sh`, `docker run -it IMAGE bash`, `oc rsh POD`, `oc debug NODE`.
fn container(name: &str, words: &[&str], depth: usize) -> bool {
    let inner = words.iter().position(|word| *word == "--").and_then(|at| words.get(at + 1..));
    let verbs = ["exec", "run", "rsh", "debug", "attach", "shell"];
    let Some(at) = words.iter().position(|word| verbs.contains(word)) else { return false };
    let Some(verb) = words.get(at).copied() else { return false };
    // Only options stand before the verb: `kubectl -n web exec`, not `kubectl get exec`.
    let before = words.get(..at).unwrap_or_default();
    let mut valued = false;
    for word in before {
        if !word.starts_with('-') && !std::mem::take(&mut valued) && *word != "compose" {
            return false;
        }
        valued = word.starts_with('-') && !word.contains('=');
    }
    let after = words.get(at + 1..).unwrap_or_default();
    let stays = |inner: &[&str]| is_shell(inner) || opens(inner, depth + 1);
    match verb {
        "rsh" if name == "oc" => match inner {
            Some(inner) => stays(inner),
            None => {
                plain_words(after, &["-c", "-n", "--container", "--namespace", "--shell", "--timeout"]).len() == 1
            }
        },
        "debug" if name == "oc" => inner.is_none_or(stays),
        "debug" if matches!(name, "kubectl" | "k") => is_interactive(after) && inner.is_none_or(stays),
        "exec" | "run" | "shell" => {
            if verb == "exec" && name == "docker-compose" {
                return last_is_shell(after);
            }
            (is_interactive(after) || before.contains(&"compose"))
                && inner.map_or_else(|| last_is_shell(after), stays)
        }
        "attach" => is_interactive(after),
        _ => false,
    }
}

fn is_interactive(words: &[&str]) -> bool {
    let words = words.iter().take_while(|word| **word != "--");
    words.clone().any(|word| matches!(*word, "--stdin" | "--interactive"))
        || words.clone().any(|word| {
            word.strip_prefix('-').is_some_and(|letters| {
                !letters.starts_with('-')
                    && letters.contains('i')
                    && letters.chars().all(|letter| "itd".contains(letter))
            })
        })
}

fn last_is_shell(words: &[&str]) -> bool {
    let end = words.iter().rposition(|word| !matches!(*word, "-l" | "-i" | "--login")).map_or(0, |last| last + 1);
    words.get(..end).and_then(<[&str]>::last).is_some_and(|last| is_shell(&[last])) && end > 1
}

fn plain_words<'a>(words: &[&'a str], valued: &[&str]) -> Vec<&'a str> {
    let mut plain = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if valued.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            plain.push(*word);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::super::{commands, placeholders, scan};
    use super::*;

    #[test]
    fn a_command_that_opens_another_shell_is_known() {
        for (script, expected) in [
            ("ssh web1", true),
            ("ssh -i key -p 22 ann@web1", true),
            ("ssh <host address>", true),
            ("ssh web1 uptime", false),
            ("ssh -N -L 1:a:2 web1", false),
            ("ssh web1 <<EOF\nx\nEOF", false),
            ("ssh web1 < script.sh", false),
            ("ssh web1 > log", true),
            ("echo x | ssh web1", false),
            ("for h in a b; do ssh $h; done", false),
            ("echo ssh web1", false),
            ("oc rsh pod-1", true),
            ("oc rsh pod-1 ls", false),
            ("oc debug node/<node>", true),
            ("oc debug node/n1 -- chroot /host ls", false),
            ("oc debug node/n1 -- chroot /host", true),
            ("kubectl exec -it web-0 -- sh", true),
            ("kubectl exec -it web-0 -n ns -- /bin/bash", true),
            ("kubectl -n web exec -ti web-0 -- bash -l", true),
            ("kubectl exec -it web-0 -- bash -c 'ls'", false),
            ("kubectl exec web-0 -- ls", false),
            ("kubectl exec -it web-0 -- psql -U app", true),
            ("kubectl get exec", false),
            ("docker run -it --rm alpine bash", true),
            ("docker run -d nginx", false),
            ("docker exec -it db mysql -e 'x'", false),
            ("chroot /host", true),
            ("chroot /host ls", false),
            ("su - postgres", true),
            ("su - postgres -c 'psql'", false),
            ("sudo -i", true),
            ("sudo -u postgres psql", true),
            ("sudo systemctl restart x", false),
            ("sudo su -", true),
            ("psql -h db -U app orders", true),
            ("psql -c 'select 1'", false),
            ("psql -f x.sql", false),
            ("mysql -u<user> -h \"<db host>\" < dump.sql > out.log", false),
            ("mysql -u root -p", true),
            ("redis-cli -h cache-1 ping", false),
            ("redis-cli -h cache-1", true),
            ("rails console", true),
            ("rails db:migrate", false),
            ("sftp host", true),
            ("telnet host 25", true),
            ("bash", true),
            ("bash script.sh", false),
            ("sqlite3 --version", false),
            ("sqlite3 -version", false),
            ("redis-cli --version", false),
            ("psql --help", false),
            ("sudo -u postgres psql --version", false),
        ] {
            let scan = scan(script);
            let marks = placeholders(script, &scan);
            let found = commands(script, &scan, &marks);
            assert_eq!(found.iter().any(opens_session), expected, "{script}");
        }
    }
}
