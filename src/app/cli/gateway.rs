//! `cashier gateway OPERATION`: the operations of the documents that are one question and one
//! answer (`contract.md`, "Commands").
//!
//! An order that a customer may pay is journalled before it is sent (I1), so that `query`,
//! `cancel`, `resolve` and `run` go on with it. What needs no journal runs beside the firmware.
//!
//! Exit status: 0 it worked; 1 refused or not found; 2 wrong arguments, a field that the gateway
//! would refuse, a setting that is missing, a gateway without the operation; 3 not certain; 4
//! nothing was sent.

mod lists;
mod orders;
mod revoke;
mod terminal;

pub(super) use revoke::{Asked, ask_to_cancel};

use super::{CliError, Out};
use crate::app::config::Config;
use crate::app::exec::ask_operation;
use crate::app::http::Http;
use crate::app::report::{Exit, Told};
use crate::app::run::RunError;
use crate::gateway::{Operation, OperationError};
use crate::secret::Secret;
use clap::Subcommand;
use std::path::Path;
use zeroize::Zeroizing;

/// Which operation.
#[derive(Subcommand)]
pub(super) enum GatewayCommand {
    /// Order for a WeChat official account; prints the six parameters of its page (SOSOPAY JSON).
    JsapiOrder(orders::JsapiArgs),
    /// Order for an Alipay account; prints Alipay's number (SOSOPAY JSON).
    AlipayOrder(orders::AlipayArgs),
    /// Order from a page on the customer's phone; prints the link that opens it (SOSOPAY JSON).
    WapOrder(orders::WapArgs),
    /// Recharge a phone's data (SOSOPAY JSON).
    Recharge(lists::RechargeArgs),
    /// List the orders of some days (SOSOPAY JSON; gateway.paths.batch_query).
    BatchQuery(lists::BatchArgs),
    /// List every refund of an order, whoever asked for it (SOSOPAY JSON).
    RefundList(lists::RefundListArgs),
    /// List the merchant's payment channels (SOSOPAY JSON; gateway.paths.channels).
    Channels,
    /// Check an operator's password and permissions (SOSOPAY JSON; gateway.paths.login).
    Login(lists::LoginArgs),
    /// Make this device a terminal: keeps the number and the key (Upay v2).
    Activate(terminal::ActivateArgs),
    /// Take the terminal's next key (Upay v2).
    Checkin(terminal::CheckInArgs),
    /// Reverse an order by hand (Upay v2).
    Revoke(revoke::RevokeArgs),
}

impl GatewayCommand {
    /// Whether it is there to make the terminal's number and key, which may be missing.
    fn is_activation(&self) -> bool {
        matches!(self, GatewayCommand::Activate(_))
    }
}

pub(super) async fn gateway(
    path: &Path,
    command: GatewayCommand,
    out: Out,
) -> Result<Exit, CliError> {
    let config = match command.is_activation() {
        true => Config::load_to_activate(path)?,
        false => Config::load(path)?,
    };
    match command {
        GatewayCommand::JsapiOrder(args) => orders::jsapi(&config, args, out).await,
        GatewayCommand::AlipayOrder(args) => orders::alipay(&config, args, out).await,
        GatewayCommand::WapOrder(args) => orders::wap(&config, args, out).await,
        GatewayCommand::Recharge(args) => lists::recharge(&config, args, out).await,
        GatewayCommand::BatchQuery(args) => lists::batch_query(&config, args, out).await,
        GatewayCommand::RefundList(args) => lists::refund_list(&config, args, out).await,
        GatewayCommand::Channels => ask(&config, &Operation::Channels, out).await,
        GatewayCommand::Login(args) => lists::login(&config, args, out).await,
        GatewayCommand::Activate(args) => terminal::activate(&config, args, out).await,
        GatewayCommand::Checkin(args) => terminal::check_in(&config, args, out).await,
        GatewayCommand::Revoke(args) => revoke::revoke(&config, &args, out).await,
    }
}

/// An operation that cannot be sent, as a mistake of whoever called.
pub(super) fn usage(error: &OperationError) -> CliError {
    CliError::Usage(format!("{error}; nothing was sent"))
}

/// Refuses what the gateway could not take, before anything is written or sent.
pub(super) fn check(config: &Config, operation: &Operation) -> Result<(), CliError> {
    config.gateway.check_operation(operation).map_err(|error| usage(&error))
}

/// Asks what no journal is needed for, and tells what came of it.
pub(super) async fn ask(
    config: &Config,
    operation: &Operation,
    out: Out,
) -> Result<Exit, CliError> {
    check(config, operation)?;
    let http = Http::new(&config.http).map_err(RunError::from)?;
    let timeout = config.policy.query_timeout;
    let came = ask_operation(&config.gateway, &http, operation, timeout)
        .await
        .map_err(|error| usage(&error))?;
    let told = Told::new(operation.name(), &came, &config.merchant_id, config.locale);
    out.print(told.object(), &told.text());
    Ok(told.exit)
}

/// A secret of a file, or of standard input if the file is called `-`: arguments can be seen by
/// every process (I17).
fn secret_of(argument: &'static str, path: &Path) -> Result<Secret, CliError> {
    let fail = |error: std::io::Error| {
        CliError::Usage(format!("{argument} {}: {error}; nothing was sent", path.display()))
    };
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::Read::take(std::io::stdin(), SECRET_LEN_MAX))
    } else {
        super::extras::read_bounded(path)
    };
    let text = Zeroizing::new(text.map_err(fail)?);
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(CliError::Usage(format!("{argument} {} is empty", path.display())));
    }
    Ok(Secret::new(secret.to_owned()))
}

/// No key or password is longer.
const SECRET_LEN_MAX: u64 = 4096;
