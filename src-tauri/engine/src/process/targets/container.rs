//! How a container or a pod is reached, and what its program says when it cannot be.

use std::ffi::OsString;

use super::{Reach, last_line};

/// The words that run a command there, with a terminal or with a pipe as its standard input; `None` for a host.
pub(super) fn words(reach: &Reach, command: &str, terminal: bool) -> Option<Vec<OsString>> {
    let how = if terminal { "-it" } else { "-i" };
    let before: Vec<&str> = match reach {
        Reach::Ssh { .. } | Reach::Server { .. } => return None,
        Reach::Docker(name) => vec!["docker", "exec", how, name],
        Reach::Podman(name) => vec!["podman", "exec", how, name],
        Reach::Pod { namespace, pod } => vec!["kubectl", "exec", how, "-n", namespace, pod, "--"],
    };
    Some(before.into_iter().chain(["sh", "-c", command]).map(OsString::from).collect())
}

/// Why nothing could be started there, from what was said.
pub(super) fn explain(target: &str, reach: &Reach, said: &str) -> String {
    let low = said.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| low.contains(word));
    let (program, what) = match reach {
        Reach::Ssh { .. } => ("ssh", "host"),
        Reach::Docker(_) => ("docker", "container"),
        Reach::Podman(_) => ("podman", "container"),
        Reach::Pod { .. } => ("kubectl", "pod"),
        Reach::Server { .. } => ("on", "server that runs commands"),
    };
    let last = last_line(said).map(|line| format!(" ({line})")).unwrap_or_default();
    if has(&["no such container", "no container with name", "notfound", "not found in namespace"]) {
        return format!("{target}: there is no such {what}{last}: start it, or mend the name in `on`");
    }
    if has(&["is not running", "can only create exec sessions on running", "container not found", "completed pod"]) {
        return format!("{target}: the {what} is not running{last}: start it, then try again");
    }
    if has(&["cannot connect to the docker daemon", "cannot connect to podman", "docker daemon running"]) {
        return format!("{target}: the daemon of {program} cannot be reached{last}: start it, then try again");
    }
    if has(&["permission denied", "forbidden", "unauthorized", "must be logged in"]) {
        return format!("{target}: {program} is not allowed to run commands there{last}: see to the permission");
    }
    if has(&["\"sh\": executable file not found", "sh: no such file", "exec: \"sh\"", "`sh` not found"]) {
        return format!("{target}: the {what} has no shell (`sh`){last}: nothing can be run in it");
    }
    if last.is_empty() {
        return format!(
            "{target}: {program} ended before the command began, and said nothing: try `{program}` by hand"
        );
    }
    format!("{target}: {program} could not start the command there{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_is_told_by_its_cause_and_what_to_do() {
        let docker = Reach::Docker("web".to_owned());
        let pod = Reach::Pod { namespace: "shop".to_owned(), pod: "web-0".to_owned() };
        for (reach, said, expected) in [
            (&docker, "Error response from daemon: No such container: web\r\n", "there is no such container"),
            (&docker, "Error response from daemon: container 1f is not running\r\n", "is not running"),
            (
                &docker,
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
                "the daemon of docker cannot be reached",
            ),
            (&docker, "exec failed: exec: \"sh\": executable file not found in $PATH", "has no shell"),
            (&docker, "", "said nothing"),
            (&docker, "something else\n", "(something else)"),
            (&pod, "Error from server (NotFound): pods \"web-0\" not found\n", "there is no such pod"),
            (&pod, "Error from server (Forbidden): pods \"web-0\" is forbidden: …\n", "is not allowed"),
        ] {
            let sentence = explain("there", reach, said);
            assert!(sentence.starts_with("there: ") && sentence.contains(expected), "{sentence}");
        }
    }
}
