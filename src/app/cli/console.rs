//! `cashier console-restore`: text on the console again, after a run that could not see to it.
//!
//! `run` puts the console back on every way out that a process has. A process that is killed has
//! none; whatever supervises it calls this (systemd: `ExecStopPost=`). It needs no configuration,
//! because that may be what is wrong.

use super::{CliError, Out};
use crate::app::report::Exit;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct ConsoleArgs {
    /// The virtual terminal, as in `display.console`.
    #[arg(value_name = "TTY", default_value = "/dev/tty0")]
    console: PathBuf,
}

pub(super) fn restore(args: &ConsoleArgs, out: Out) -> Result<Exit, CliError> {
    let path = args.console.display();
    let restored = hal::display::console::put_back(&args.console).map_err(|error| {
        let why = "let the program have CAP_SYS_TTY_CONFIG and the group tty";
        CliError::Failed(format!("{path} stays as it is: {error}; {why}"))
    })?;
    let told = if restored {
        format!("{path} shows text")
    } else {
        format!("there is no virtual terminal at {path}: nothing to do")
    };
    out.print(&serde_json::json!({ "restored": restored }), &told);
    Ok(Exit::Done)
}
