//! What is made from the arguments themselves: completions and manual pages.

use clap::CommandFactory;

use crate::{
    arguments::{Arguments, CompletionsArguments, ManArguments},
    out::Out,
    status::{Failure, Status},
};

/// Prints a completion script.
pub(crate) fn completions(out: &mut Out, arguments: &CompletionsArguments) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "allgood", &mut script);
    out.raw(&script);
    Status::Good
}

/// Prints a manual page.
pub(crate) fn man(out: &mut Out, arguments: &ManArguments) -> Result<Status, Failure> {
    let mut command = Arguments::command();
    command.build();
    let mut name = "allgood".to_owned();
    for word in &arguments.command {
        let found = command.find_subcommand(word).cloned();
        command = found.ok_or_else(|| {
            Failure::new(Status::Input, format!("There is no command `{name} {word}`: `{name} --help` lists them."))
        })?;
        name = format!("{name} {word}");
    }
    let mut page = Vec::new();
    let title = name.replace(' ', "-");
    clap_mangen::Man::new(command.bin_name(name))
        .title(title)
        .render(&mut page)
        .map_err(|error| Failure::new(Status::Broken, format!("The page could not be made: {error}.")))?;
    out.raw(&page);
    Ok(Status::Good)
}
