//! The terminal's own number and key: `activate` and `checkin`.
//!
//! The files, and why every cut between them is survivable, are [`crate::app::key_files`]'s. Both
//! commands hold the journal, so that no running terminal signs with a key that they end.

use super::{check, secret_of, usage};
use crate::app::cli::{CliError, Out};
use crate::app::config::Config;
use crate::app::exec::{Came, ask_operation};
use crate::app::http::Http;
use crate::app::key_files::{KeyFiles, terminal_sn_file};
use crate::app::report::{Exit, Told};
use crate::app::run::RunError;
use crate::gateway::operation::{Activate, Answer, CheckIn, OrderKey, TerminalKey};
use crate::gateway::{Failed, Gateway, Operation};
use crate::journal::Journal;
use crate::payment::{AskError, Doubt, DoubtKind, Why};
use crate::secret::Secret;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Whose terminal it becomes.
#[derive(Args)]
pub(crate) struct ActivateArgs {
    /// The vendor's number.
    #[arg(long)]
    vendor_sn: String,
    /// The file that holds the vendor's key; - reads standard input.
    #[arg(long, value_name = "FILE")]
    vendor_key_file: PathBuf,
    /// The vendor's application.
    #[arg(long)]
    app_id: String,
    /// The activation code, used once.
    #[arg(long)]
    code: String,
    /// The merchant's own number of the terminal.
    #[arg(long)]
    client_sn: Option<String>,
    /// The terminal's name.
    #[arg(long)]
    name: Option<String>,
}

/// What the gateway is told of the terminal.
#[derive(Args)]
pub(crate) struct CheckInArgs {
    /// The operating system.
    #[arg(long)]
    os_info: Option<String>,
    /// The firmware.
    #[arg(long, default_value = concat!("cashier ", env!("CARGO_PKG_VERSION")))]
    sdk_version: String,
}

/// How often a check-in is sent whose answer is lost.
const ATTEMPTS_MAX: u32 = 3;

fn key_file(config: &Config) -> Result<&Path, CliError> {
    config.terminal.key_file.as_deref().ok_or_else(|| {
        let problem = "gateway.key_file: is missing: the terminal's key is kept there";
        CliError::Usage(format!("{problem}; nothing was sent"))
    })
}

fn key_files(path: &Path) -> Result<KeyFiles<crate::app::key_files::Disk>, CliError> {
    KeyFiles::at(path).map_err(|error| not_kept(path, &error))
}

fn not_kept(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Failed(format!("the key file {}: {error}", path.display()))
}

pub(super) async fn activate(
    config: &Config,
    args: ActivateArgs,
    out: Out,
) -> Result<Exit, CliError> {
    let path = key_file(config)?;
    let operation = Operation::Activate(Activate {
        vendor_sn: args.vendor_sn,
        vendor_key: secret_of("--vendor-key-file", &args.vendor_key_file)?,
        app_id: args.app_id,
        code: Secret::new(args.code),
        client_sn: args.client_sn,
        name: args.name,
    });
    check(config, &operation)?;
    let held = Journal::open(&config.journal)?;
    let mut files = key_files(path)?;
    let before = files.candidates().map_err(|error| not_kept(path, &error))?;
    let http = Http::new(&config.http).map_err(RunError::from)?;
    let came = ask_operation(&config.gateway, &http, &operation, config.policy.query_timeout)
        .await
        .map_err(|error| usage(&error))?;
    let mut told = Told::new(operation.name(), &came, &config.merchant_id, config.locale);
    if let Some(terminal) = terminal_of(&came) {
        // The number first: a cut in between leaves a terminal without a key, or with another
        // one's; activating again with the same code finds the same terminal.
        let kept = files
            .keep_new(&terminal.key)
            .and_then(|()| files.keep_terminal_sn(&terminal.terminal_sn))
            .and_then(|()| files.promote(before.first()));
        kept.map_err(|error| {
            CliError::Failed(format!(
                "the terminal was activated, and its key could not be kept: {}: {error}; \
                 activate it again with the same code",
                path.display()
            ))
        })?;
        told.set("key_file", json!(path));
        told.set("terminal_sn_file", json!(terminal_sn_file(path)));
        let configured = config.terminal.terminal_sn.as_ref();
        let is_in_use = configured.is_none_or(|configured| *configured == terminal.terminal_sn);
        told.set("in_use", json!(is_in_use));
        if !is_in_use {
            out.say(&format!(
                "gateway.terminal_sn names another terminal: set it to {:?}, or leave it out",
                terminal.terminal_sn
            ));
        }
    }
    out.print(told.object(), &told.text());
    release(held);
    Ok(told.exit)
}

fn release(journal: Journal) {
    if let Err(error) = journal.close() {
        tracing::warn!(%error, "the journal was not closed cleanly; nothing is lost");
    }
}

fn terminal_of(came: &Came) -> Option<&TerminalKey> {
    if let Came::Answered(answer) = came
        && let Answer::Terminal(terminal) = answer.as_ref()
    {
        return Some(terminal);
    }
    None
}

fn is_bad_signature(came: &Came) -> bool {
    matches!(came, Came::Failed(Failed::Refused(decline)) if decline.why == Why::BadSignature)
}

pub(super) async fn check_in(
    config: &Config,
    args: CheckInArgs,
    out: Out,
) -> Result<Exit, CliError> {
    let path = key_file(config)?;
    let operation =
        Operation::CheckIn(CheckIn { os_info: args.os_info, sdk_version: Some(args.sdk_version) });
    check(config, &operation)?;
    let held = Journal::open(&config.journal)?;
    let mut files = key_files(path)?;
    let keys = files.candidates().map_err(|error| not_kept(path, &error))?;
    let http = Http::new(&config.http).map_err(RunError::from)?;
    let desk = Desk { config, http: &http };
    let (taken, came) = desk.rotate(&operation, &keys).await?;
    let mut told = Told::new(operation.name(), &came, &config.merchant_id, config.locale);
    if let (Some(terminal), Some(taken)) = (terminal_of(&came), taken) {
        files
            .keep_new(&terminal.key)
            .and_then(|()| files.promote(Some(taken)))
            .map_err(|error| not_kept(path, &error))?;
        let gateway = config.gateway.with_key(terminal.key.clone());
        let proof = desk.prove(&gateway).await?;
        if is_bad_signature(&proof) {
            // The gateway does not know the key that it gave.
            files.put_back(taken, &terminal.key).map_err(|error| not_kept(path, &error))?;
        }
        if is_bad_signature(&proof) || matches!(proof, Came::Unanswered(_)) {
            told =
                Told::new(operation.name(), &proof_of(proof), &config.merchant_id, config.locale);
        }
        told.set("terminal_sn", json!(terminal.terminal_sn));
        told.set("key_file", json!(path));
    }
    out.print(told.object(), &told.text());
    release(held);
    Ok(told.exit)
}

/// A new key that could not be tried is kept, and not certain: something was sent.
fn proof_of(proof: Came) -> Came {
    match proof {
        Came::Unanswered(AskError::NotSent | AskError::MaybeSent) => {
            Came::Failed(Failed::Unknown(Doubt::of(DoubtKind::NoAnswer)))
        }
        other => other,
    }
}

struct Desk<'a> {
    config: &'a Config,
    http: &'a Http,
}

impl Desk<'_> {
    async fn ask(&self, gateway: &Gateway, operation: &Operation) -> Result<Came, CliError> {
        let timeout = self.config.policy.query_timeout;
        let came = ask_operation(gateway, self.http, operation, timeout).await;
        came.map_err(|error| usage(&error))
    }

    /// Asks for the next key with the one in use; with the others that there are if the gateway
    /// does not take it; and again if the answer is lost, since that ends no key. Returns the key
    /// that was taken.
    async fn rotate<'k>(
        &self,
        operation: &Operation,
        keys: &'k [Secret],
    ) -> Result<(Option<&'k Secret>, Came), CliError> {
        let mut last = (None, Came::Unanswered(AskError::NotSent));
        for key in keys {
            let gateway = self.config.gateway.with_key(key.clone());
            for _ in 0..ATTEMPTS_MAX {
                let came = self.ask(&gateway, operation).await?;
                let is_lost =
                    matches!(came, Came::Unanswered(AskError::MaybeSent | AskError::Garbled));
                last = (Some(key), came);
                if !is_lost {
                    break;
                }
            }
            if !is_bad_signature(&last.1) {
                break;
            }
        }
        Ok(last)
    }

    /// Signs something harmless with the new key: a question about an order that does not exist.
    async fn prove(&self, gateway: &Gateway) -> Result<Came, CliError> {
        let clock = crate::app::clock::Clock::system();
        let order = crate::app::terminal::new_order(clock.unix_ms())
            .map_err(|error| CliError::Failed(format!("no entropy: {error}")))?;
        self.ask(gateway, &Operation::Lookup(OrderKey::Ours(order))).await
    }
}
