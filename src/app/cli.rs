//! The command line (`contract.md`, "Commands" and "Exit status").
//!
//! `--json` puts one JSON object on standard output and nothing else; logs go to standard error.

mod check;
mod console;
mod extras;
mod gateway;
mod journal;
mod orders;
mod reconcile;
mod refunds;
mod report;
mod sale;
#[cfg(feature = "simulator")]
mod simulator;

use crate::app::config::{Config, ConfigError};
use crate::app::errand::Errand;
use crate::app::report::{Exit, Sold};
use crate::app::run::{self, RunError};
use crate::journal::JournalError;
use clap::{Args, Parser, Subcommand};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Firmware of a cashier's QR-payment terminal.
#[derive(Parser)]
#[command(name = "cashier", version, about)]
struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object on standard output, and nothing else there.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it out: a gateway, a terminal and a customer's phone in the browser.
    #[cfg(feature = "demo")]
    Demo(DemoArgs),
    /// Run the firmware in the foreground.
    Run,
    /// Validate the configuration, probe each device, reach the gateway: a line each.
    Check(check::CheckArgs),
    /// Show the text console again, after a run that was killed.
    ConsoleRestore(console::ConsoleArgs),
    /// Charge a customer's code.
    Sale(sale::SaleArgs),
    /// Show a QR for the customer to scan.
    Present(sale::PresentArgs),
    /// Ask what became of an order.
    Query(orders::QueryArgs),
    /// Cancel an order that is not paid; or, if told to, return what was paid.
    Cancel(orders::CancelArgs),
    /// Give back a part of what was paid, or all of it.
    Refund(refunds::RefundArgs),
    /// Ask what became of a refund.
    RefundQuery(refunds::RefundQueryArgs),
    /// Settle every open charge, refund and return of a payment now.
    Resolve,
    /// The remaining operations of the gateways' documents.
    #[command(subcommand)]
    Gateway(Box<gateway::GatewayCommand>),
    /// What was taken in a day, or since the last shift report.
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Read the journal.
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// A gateway to develop against.
    #[cfg(feature = "simulator")]
    Simulator(simulator::SimulatorArgs),
}

#[cfg(feature = "demo")]
#[derive(Args)]
struct DemoArgs {
    /// Where the page is.
    #[arg(long, default_value = "127.0.0.1:8380")]
    listen: std::net::SocketAddr,
    /// Which gateway to simulate: shouqianba, sosopay-json or sosopay-xml.
    #[arg(long, default_value = "shouqianba")]
    gateway: ::simulator::Kind,
    /// The terminal's screen in pixels.
    #[arg(long, default_value = "480x800")]
    size: hal::Geometry,
    /// Keep the journal here; without it, in a temporary folder.
    #[arg(long)]
    data: Option<PathBuf>,
}

/// An order's number, as an argument.
#[derive(Args)]
struct OrderArg {
    /// The order's number.
    #[arg(value_name = "ORDER", value_parser = crate::id::OrderId::parse)]
    order: crate::id::OrderId,
}

/// Why a command could not be carried out. Nothing was sent.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Failed(String),
}

impl CliError {
    fn exit(&self) -> Exit {
        match self {
            CliError::Config(_) | CliError::Usage(_) | CliError::Run(RunError::NotBuiltIn(_)) => {
                Exit::Usage
            }
            CliError::Run(_) | CliError::Journal(_) | CliError::Failed(_) => Exit::Failed,
        }
    }
}

/// Where a command's result goes.
#[derive(Clone, Copy)]
struct Out {
    json: bool,
}

impl Out {
    /// What came of what was done: an object for programs, text for people. It is done, whoever
    /// hears of it.
    fn print(self, object: &impl serde::Serialize, text: &str) {
        // Whoever closed our standard output does not want the rest of it.
        let _ = self.write(object, text);
    }

    /// What was read: there is nothing else to this command, so that it has failed if nobody gets
    /// it.
    fn tell(self, object: &impl serde::Serialize, text: &str) -> Result<(), CliError> {
        match self.write(object, text) {
            // Whoever reads on has read enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(unwritten),
        }
    }

    fn write(self, object: &impl serde::Serialize, text: &str) -> std::io::Result<()> {
        let line = if self.json {
            serde_json::to_string(object)
                .unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
        } else {
            text.to_owned()
        };
        writeln!(std::io::stdout().lock(), "{line}")
    }

    fn sold(self, sold: &Sold, locale: ui::Locale) {
        self.print(sold, &sold.lines(locale));
    }

    /// To people, beside the result.
    fn say(self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "cashier: {line}");
    }

    fn error(self, error: &CliError) {
        self.say(&error.to_string());
        if self.json {
            self.print(&serde_json::json!({ "error": error.to_string() }), "");
        }
    }
}

fn unwritten(error: std::io::Error) -> CliError {
    CliError::Failed(format!("standard output did not take it: {error}"))
}

/// The program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let out = Out { json: cli.json };
    keep_secrets_in();
    log(&cli.command);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out.error(&CliError::Failed(format!("no event loop: {error}")));
            return Exit::Failed.into();
        }
    };
    let exit = runtime.block_on(command(cli, out)).unwrap_or_else(|error| {
        out.error(&error);
        error.exit()
    });
    // A thread that still looks up a host name must not keep the program from ending.
    runtime.shutdown_background();
    exit.into()
}

/// What is wrong with the command line; or the help, if that was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    let asked_for_json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && asked_for_json {
        let told = error.to_string();
        Out { json: true }.error(&CliError::Usage(told.trim().to_owned()));
    } else {
        // Nobody is left to be told if this fails.
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
}

/// I17: no key in a core dump, and no debugger of another user beside it.
fn keep_secrets_in() {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let limited = setrlimit(Resource::Core, none);
    let hidden = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    if limited.is_err() || hidden.is_err() {
        tracing::warn!("core dumps cannot be turned off; they would hold the key");
    }
}

/// Logs go to standard error. `CASHIER_LOG` chooses them: a level, or `target=level` pairs with
/// commas between; what cannot be understood leaves them as they are by default.
fn log(command: &Command) {
    let default = match command {
        Command::Run => Level::INFO,
        _ => Level::ERROR,
    };
    let chosen = std::env::var("CASHIER_LOG").ok().and_then(|text| text.parse().ok());
    let targets = chosen.unwrap_or_else(|| Targets::new().with_default(default));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // A second logger is only ever set by tests that call this twice; the first one stays.
    let _ = tracing_subscriber::registry().with(lines).with(targets).try_init();
}

async fn command(cli: Cli, out: Out) -> Result<Exit, CliError> {
    let path = || -> Result<PathBuf, CliError> {
        cli.config.clone().ok_or_else(|| {
            CliError::Usage("--config FILE is needed: the configuration file".to_owned())
        })
    };
    let config = || -> Result<Config, CliError> { Ok(Config::load(&path()?)?) };
    match cli.command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo(args).await,
        Command::Run => serve(config()?).await,
        Command::Check(args) => check::check(&config()?, &args, out).await,
        Command::ConsoleRestore(args) => console::restore(&args, out),
        Command::Sale(args) => sale::sale(&config()?, args, out).await,
        Command::Present(args) => sale::present(&config()?, args, out).await,
        Command::Query(args) => orders::query(&config()?, &args, out).await,
        Command::Cancel(args) => orders::cancel(&config()?, &args, out).await,
        Command::Refund(args) => refunds::refund(&config()?, args, out).await,
        Command::RefundQuery(args) => refunds::refund_query(&config()?, &args, out).await,
        Command::Resolve => orders::resolve(&config()?, out).await,
        Command::Journal(journal::JournalCommand::Reconcile(args)) => {
            reconcile::reconcile(&config()?, args.day, out).await
        }
        Command::Report(command) => report::report(&config()?, &command, out),
        Command::Gateway(command) => gateway::gateway(&path()?, *command, out).await,
        Command::Journal(command) => journal::journal(&config()?, command, out),
        #[cfg(feature = "simulator")]
        Command::Simulator(args) => simulator::simulate(args, out).await,
    }
}

#[cfg(feature = "demo")]
async fn demo(args: DemoArgs) -> Result<Exit, CliError> {
    use crate::app::demo;
    let options = demo::Options {
        listen: args.listen,
        gateway: args.gateway,
        size: args.size,
        data: args.data,
    };
    demo::run(options, stop()).await.map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(Exit::Done)
}

async fn serve(config: Config) -> Result<Exit, CliError> {
    let started = |listening: run::Listening| {
        let all = [("notifications", listening.notifications), ("panel", listening.panel)];
        for (what, address) in all {
            if let Some(address) = address {
                // Whoever closed our standard error does not want to know.
                let _ = writeln!(std::io::stderr().lock(), "{what}: http://{address}/");
            }
        }
    };
    #[cfg(feature = "panel")]
    run::run(config, None, None, started, stop()).await?;
    #[cfg(not(feature = "panel"))]
    run::run(config, None, started, stop()).await?;
    Ok(Exit::Done)
}

/// SIGINT or SIGTERM, or SIGHUP: the terminal that it was started from is closed.
async fn stop() {
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

/// An errand on the configured journal and gateway.
fn errand(config: &Config) -> Result<Errand, CliError> {
    let exec = run::exec(config)?;
    Ok(Errand::new(crate::app::charges::Charges::new(exec)))
}
