//! `allgood convert`: a file in another format, and what is said of files of other formats that come.

use api::{
    App,
    wire::{ConvertArgument, ConvertTo, FormatDifference, FormatReport},
};

use super::files::whole;
use crate::{
    arguments::{ConvertArguments, ConvertFormat},
    look::{counted, one_line},
    out::{Out, message},
    status::{Failure, Status},
};

/// Prints a file in another format, or writes it.
pub(crate) fn convert(app: &App, out: &mut Out, arguments: &ConvertArguments) -> Result<Status, Failure> {
    let output = arguments.output.as_deref().map(whole).transpose()?;
    let converted = app.convert(ConvertArgument {
        path: whole(&arguments.file)?.display().to_string(),
        to: arguments.to.map(|to| match to {
            ConvertFormat::Cacao => ConvertTo::Cacao,
            ConvertFormat::Runbook => ConvertTo::Runbook,
        }),
        file: output.as_ref().map(|file| file.display().to_string()),
    })?;
    if arguments.json {
        out.json(&converted)?;
        return Ok(Status::Good);
    }
    match &output {
        None => out.raw(converted.text.as_bytes()),
        Some(file) => out.line(&format!("{} was made.", one_line(&file.display().to_string()))),
    }
    differences(&converted.differences);
    Ok(Status::Good)
}

/// What is said of the files of other formats that come.
pub(super) fn formats(reports: &[FormatReport]) {
    for report in reports {
        let file = one_line(&report.file);
        let count = counted(report.differences.len() as u64, "difference", "differences");
        message(&if report.converted {
            format!("{file} is a playbook of {}; it becomes a runbook, with {count}:", one_line(&report.format))
        } else {
            format!("{file} is a file of {}; it comes as it is and runs so, with {count}:", one_line(&report.format))
        });
        differences(&report.differences);
    }
}

fn differences(all: &[FormatDifference]) {
    for difference in all {
        let sentence = one_line(&difference.sentence);
        message(&match difference.place.as_str() {
            "" => format!("  {sentence}"),
            place => format!("  {}: {sentence}", one_line(place)),
        });
    }
}
