//! Commands of the program, run to their end.

use serde_json::Value;
use std::process::{Command, Output};

/// What a command said.
#[derive(Clone, Debug)]
pub struct Ran {
    pub args: Vec<String>,
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Runs the program with these arguments, and everything logged.
    pub async fn cashier(args: Vec<String>) -> Ran {
        let ran = tokio::task::spawn_blocking(move || {
            let output = command(&args).output().expect("the program runs");
            Ran::new(args, &output)
        });
        super::within("a command ends", ran).await.expect("the command was waited for")
    }

    pub fn new(args: Vec<String>, output: &Output) -> Ran {
        Ran {
            args,
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout.clone()).expect("UTF-8 on standard output"),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What it says to programs: one JSON value on one line, and nothing else.
    pub fn json(&self) -> Value {
        let line = self.stdout.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {self:?}"));
        assert!(!line.contains('\n'), "more than one line: {self:?}");
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub fn exits(&self, status: i32) -> &Ran {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }
}

/// The program, with everything logged.
pub fn command(args: &[String]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cashier"));
    command.args(args).env("CASHIER_LOG", "debug").env("NO_COLOR", "1");
    command
}
