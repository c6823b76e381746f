//! A command on two hundred hosts: names that all lead to one sshd on the loopback, through `on=ssh:`, beside plain `ssh`
//! as many at once, and beside Ansible.

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use nix::sys::prctl::set_child_subreaper;
use serde::{Deserialize, Serialize};

use crate::{
    Outcome,
    measure::{self, Program},
    report::{Part, Row, megabytes, ratio, seconds, share},
};

/// How many hosts.
const HOSTS: usize = 200;
/// On how many it runs at the same time, by each of the programs.
const AT_ONCE: usize = 10;
/// What runs on each.
const COMMAND: &str = "echo ok";
/// How often the processes are looked at for their memory.
const LOOK: Duration = Duration::from_millis(100);
/// How long sshd may take to begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// The processes of a program and of all that it started, together, when they were largest.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Tree {
    /// Their proportional share of memory, in bytes.
    memory: u64,
    /// How many there were at most.
    processes: usize,
}

/// Measures.
pub(crate) fn measure(allgood: &Path, rounds: usize) -> Outcome<Part> {
    eprintln!("{HOSTS} hosts …");
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path())?;
    let mut environment = crate::machine::homes(folder.path())?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut ours = OsString::from(server.at("bin"));
    ours.push(":");
    ours.push(path);
    environment.push(("PATH".into(), ours));
    let [one, two] = books(allgood, folder.path(), &environment)?;
    let ssh = plain(folder.path(), &environment, 1);
    let ssh_two = plain(folder.path(), &environment, 2);
    let raw = ansible(folder.path(), &environment, "raw")?;
    let shell = ansible(folder.path(), &environment, "shell")?;
    let programs = [&one, &two, &ssh, &ssh_two, &raw, &shell];
    let mut walls = vec![Vec::new(); programs.len()];
    for round in 0..=rounds {
        for (program, walls) in programs.iter().zip(&mut walls) {
            let sample = program.sample()?;
            server.forget_masters()?;
            if round > 0 {
                walls.push(sample.wall);
            }
        }
    }
    let walls = walls.iter().map(|walls| measure::median(walls)).collect::<Outcome<Vec<_>>>()?;
    let &[one_wall, two_wall, ssh_wall, ssh_two_wall, raw_wall, shell_wall] = &walls[..] else {
        return Err("not everything was measured".into());
    };
    let mut trees = Vec::new();
    for program in [&one, &ssh, &shell] {
        trees.push(tree(program)?);
        server.forget_masters()?;
    }
    let &[ours, theirs, ansibles] = &trees[..] else { return Err("not everything was measured".into()) };
    let against = |what: &str, floor: Duration, ours: Duration| {
        Row::new(what, seconds(floor), seconds(ours), ratio(ours, floor))
    };
    Ok(Part {
        title: "Fleet".into(),
        text: format!(
            "`{COMMAND}` on {HOSTS} hosts, {AT_ONCE} at once: names that all lead to one sshd on the loopback of this machine, \
             so that its work for {HOSTS} sign-ins is in every figure. Beside `allgood run` with `on=ssh:all` stand plain `ssh` \
             by `xargs -P {AT_ONCE}`, and `ansible all -f {AT_ONCE}` with its modules `raw` (nothing is copied to the host) and \
             `shell` (Python there). Allgood keeps a connection to each host until its run ends, as Ansible does for a minute; \
             so a second command costs no second sign-in, and plain `ssh` signs in again. Memory is the proportional share \
             (PSS) of the program and all that it started, without the server, looked at each {} ms in a run of its own: \
             {} processes at most, beside {} of `xargs` and {} of Ansible.",
            LOOK.as_millis(),
            ours.processes,
            theirs.processes,
            ansibles.processes
        ),
        rows: vec![
            against("one command, wall; floor: ssh", ssh_wall, one_wall),
            against("the same; floor: Ansible, `raw`", raw_wall, one_wall),
            against("the same; floor: Ansible, `shell`", shell_wall, one_wall),
            against("two commands, wall; floor: ssh", ssh_two_wall, two_wall),
            Row::new(
                "one command, memory; floor: ssh",
                megabytes(theirs.memory),
                megabytes(ours.memory),
                share(ours.memory, theirs.memory),
            ),
            Row::new(
                "the same; floor: Ansible, `shell`",
                megabytes(ansibles.memory),
                megabytes(ours.memory),
                share(ours.memory, ansibles.memory),
            ),
        ],
    })
}

fn name(number: usize) -> String {
    format!("h{number:03}")
}

/// Runbooks of one and of two commands on all hosts, with an entry for each that both may use.
fn books(allgood: &Path, folder: &Path, environment: &[(OsString, OsString)]) -> Outcome<[Program; 2]> {
    let library = folder.join("library");
    fs::create_dir_all(&library)?;
    let names: Vec<String> = (1..=HOSTS).map(name).collect();
    fs::write(library.join("allgood.toml"), format!("[groups]\nall = {}\n", serde_json::to_string(&names)?))?;
    let program = |arguments: &[&str]| {
        let program = measure::program(allgood, &library, arguments);
        Program { environment: environment.to_vec(), ..program }
    };
    let files = ["one.md", "two.md"];
    for (count, file) in (1..).zip(files) {
        let mut text = format!("# On {HOSTS} hosts\n\n## Steps\n");
        for number in 1..=count {
            let block = format!("```sh {{name=all-{number} on=ssh:all at_once={AT_ONCE}}}\n{COMMAND}\n```");
            write!(text, "\n### {number}. Say it\n\n{block}\n")?;
        }
        fs::write(library.join(file), text)?;
    }
    for name in &names {
        program(&["access", "add", name, "--kind", "ssh"]).sample()?;
    }
    for file in files {
        let arguments: Vec<&str> =
            ["access", "allow"].into_iter().chain(names.iter().map(String::as_str)).chain([file]).collect();
        program(&arguments).sample()?;
    }
    Ok(files.map(|file| program(&["run", file, "--auto", "--yes", "--json"])))
}

/// Plain `ssh`, so many times on each host.
fn plain(folder: &Path, environment: &[(OsString, OsString)], times: usize) -> Program {
    let once = format!(
        "seq -f h%03g 1 {HOSTS} | xargs -P {AT_ONCE} -n 1 sh -c 'ssh -T -o BatchMode=yes \"$0\" \"{COMMAND}\" </dev/null'"
    );
    let script = vec![once; times].join(" && ");
    let program = measure::program("/bin/sh", folder, &["-c", &script]);
    Program { environment: environment.to_vec(), ..program }
}

/// Ansible with one of its modules. Its connections stay open for a minute: their sockets are in a known place.
fn ansible(folder: &Path, environment: &[(OsString, OsString)], module: &str) -> Outcome<Program> {
    let inventory = folder.join("inventory");
    let hosts: String =
        (1..=HOSTS).map(|number| format!("{} ansible_python_interpreter=/usr/bin/python3\n", name(number))).collect();
    fs::write(&inventory, hosts)?;
    let (forks, inventory) = (AT_ONCE.to_string(), inventory.display().to_string());
    let arguments = ["all", "-i", &inventory, "-f", &forks, "-m", module, "-a", COMMAND];
    let mut program = measure::program("ansible", folder, &arguments);
    program.environment = environment.to_vec();
    for (name, value) in
        [("ANSIBLE_SSH_CONTROL_PATH_DIR", "c"), ("ANSIBLE_REMOTE_TEMP", "remote"), ("ANSIBLE_LOCAL_TEMP", "local")]
    {
        program.environment.push((name.into(), folder.join(value).into()));
    }
    Ok(program)
}

/// A sshd of its own, which knows one key and has every name of [`name`].
struct Server {
    folder: PathBuf,
    child: Child,
}

impl Server {
    fn start(folder: &Path) -> Outcome<Self> {
        let at = |name: &str| folder.join(name);
        for key in ["host_key", "id"] {
            let status =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(at(key)).status();
            if !status.map_err(|error| format!("ssh-keygen: {error}"))?.success() {
                return Err("ssh-keygen makes no key".into());
            }
        }
        fs::copy(at("id.pub"), at("authorized_keys"))?;
        if nix::unistd::getuid().is_root() {
            fs::create_dir_all("/run/sshd")?;
        }
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let show = |name: &str| at(name).display().to_string();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nMaxStartups 1000\n",
            show("host_key"),
            show("authorized_keys")
        );
        fs::write(at("sshd_config"), config)?;
        let known = fs::read_to_string(at("host_key.pub"))?;
        fs::write(at("known_hosts"), format!("[127.0.0.1]:{port} {known}"))?;
        let client = format!(
            "Host h*\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile {}\n  IdentitiesOnly yes\n  UserKnownHostsFile {}\n",
            show("id"),
            show("known_hosts")
        );
        fs::write(at("ssh_config"), client)?;
        fs::create_dir_all(at("bin"))?;
        // ssh looks for a person's home in the list of users, whatever `HOME` says.
        fs::write(at("bin/ssh"), format!("#!/bin/sh\nexec /usr/bin/ssh -F '{}' \"$@\"\n", show("ssh_config")))?;
        fs::set_permissions(at("bin/ssh"), fs::Permissions::from_mode(0o755))?;
        let log = fs::File::create(at("sshd.log"))?;
        let mut server = Command::new("/usr/sbin/sshd");
        server.args(["-D", "-e", "-f"]).arg(at("sshd_config")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = server.spawn().map_err(|error| format!("sshd: {error}"))?;
        let server = Self { folder: folder.to_owned(), child };
        let begin = Instant::now();
        while !fs::read_to_string(at("sshd.log"))?.contains("Server listening") {
            if begin.elapsed() > PATIENCE {
                return Err("sshd does not begin".into());
            }
            sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Closes the connections that Ansible keeps open: each round begins without any.
    fn forget_masters(&self) -> Outcome<()> {
        let Ok(sockets) = fs::read_dir(self.at("c")) else { return Ok(()) };
        for socket in sockets {
            let mut close = Command::new("/usr/bin/ssh");
            close.args(["-O", "exit", "-S"]).arg(socket?.path()).arg("any");
            close.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs it once under a copy of this program, which looks at the memory of all its processes meanwhile.
fn tree(program: &Program) -> Outcome<Tree> {
    let mut watched = program.clone();
    watched.file = std::env::current_exe()?;
    watched.arguments = ["tree", "--"].map(OsString::from).into();
    watched.arguments.push(program.file.clone().into());
    watched.arguments.extend(program.arguments.iter().cloned());
    let answer = Command::new(&watched.file)
        .args(&watched.arguments)
        .envs(watched.environment.iter().cloned())
        .current_dir(&watched.folder)
        .stdin(Stdio::null())
        .output()?;
    if !answer.status.success() {
        return Err(String::from_utf8_lossy(&answer.stderr).into_owned().into());
    }
    Ok(serde_json::from_slice(&answer.stdout)?)
}

/// The other side of [`tree`]. What loses its parent becomes a child of this process, so nothing gets out of sight.
pub(crate) fn inside(command: &[OsString]) -> Outcome<()> {
    set_child_subreaper(true)?;
    let (file, arguments) = command.split_first().ok_or("nothing to measure")?;
    let mut child = Command::new(file).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut most = Tree::default();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        let now = crate::window::memory_below(std::process::id())?;
        most.memory = most.memory.max(now.0);
        most.processes = most.processes.max(now.1);
        sleep(LOOK);
    };
    if !status.success() {
        return Err(format!("it ended with {status}").into());
    }
    println!("{}", serde_json::to_string(&most)?);
    Ok(())
}
