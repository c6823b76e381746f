//! Somebody's machine, for the tests of handlers: everything in one folder, nothing inherited, links open nowhere, and no
//! command can be started.

use std::{collections::BTreeMap, io, path::Path};

use api::{Config, Supervisor};

struct NoOpener;

impl access::Opener for NoOpener {
    fn open(&self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

/// What the program is told about such a machine and who sits there.
pub(crate) fn config(folder: &Path, actor: &str) -> Config {
    Config {
        data: folder.join("data"),
        settings: folder.join("config/config.toml"),
        scratch: folder.join("scratch"),
        supervisor: Supervisor { program: folder.join("no-supervisor"), arguments: Vec::new() },
        environment: BTreeMap::new(),
        actor: actor.to_owned(),
        opener: Box::new(NoOpener),
    }
}
