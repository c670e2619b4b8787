//! What has no order of ours: recharge, batch query, login.

use super::{ask, secret_of};
use crate::app::cli::{CliError, Out};
use crate::app::config::Config;
use crate::app::report::Exit;
use crate::gateway::Operation;
use crate::gateway::operation::{BatchQuery, Date, FlowType, Login, Recharge};
use crate::gateway::sosopay::dictionary::{ChannelType, State};
use crate::id::OrderId;
use clap::Args;
use std::path::PathBuf;

/// Whom to recharge, and how much.
#[derive(Args)]
pub(crate) struct RechargeArgs {
    /// The phone, 11 digits.
    #[arg(long)]
    phone: String,
    /// How much data, in megabytes.
    #[arg(long)]
    megabytes: u32,
    /// Where the data counts: national or provincial.
    #[arg(long, default_value = "national", value_parser = scope)]
    scope: FlowType,
    /// Who is told what came of it.
    #[arg(long, value_name = "URL")]
    notify_url: Option<String>,
}

fn scope(text: &str) -> Result<FlowType, String> {
    match text {
        "national" => Ok(FlowType::National),
        "provincial" => Ok(FlowType::Provincial),
        _ => Err("expected national or provincial".to_owned()),
    }
}

/// Sent once and never again: a recharge has no number of ours that a repetition could be known by.
pub(super) async fn recharge(
    config: &Config,
    args: RechargeArgs,
    out: Out,
) -> Result<Exit, CliError> {
    let operation = Operation::Recharge(Recharge {
        phone: args.phone,
        megabytes: args.megabytes,
        scope: args.scope,
        notify_url: args.notify_url,
    });
    ask(config, &operation, out).await
}

/// Which orders.
#[derive(Args)]
pub(crate) struct BatchArgs {
    /// The first day, YYYY-MM-DD.
    #[arg(long, value_name = "DAY", value_parser = day)]
    begin: Option<Date>,
    /// The last day, YYYY-MM-DD.
    #[arg(long, value_name = "DAY", value_parser = day)]
    end: Option<Date>,
    /// Orders in this state alone: its number (0 to 14) or name, such as paid.
    #[arg(long, value_parser = state)]
    state: Option<State>,
    /// One operator's orders.
    #[arg(long)]
    operator: Option<String>,
    /// One channel's orders: its number or name, such as wechat.
    #[arg(long, value_name = "CHANNEL", value_parser = channel_type)]
    channel_type: Option<ChannelType>,
    /// One order.
    #[arg(long, value_parser = OrderId::parse)]
    order: Option<OrderId>,
    /// Which page, from 1.
    #[arg(long, default_value_t = 1)]
    page: u32,
    /// How many orders a page has, at most 100.
    #[arg(long, default_value_t = 20)]
    page_size: u32,
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "expected a day, YYYY-MM-DD".to_owned())
}

fn state(text: &str) -> Result<State, String> {
    let known = State::DOCUMENTED.iter().map(|(_, state)| state);
    named(text, known, |state| (state.text().to_owned(), state.name()))
}

/// A channel of appendix 2 by its number or name.
pub(super) fn channel_type(text: &str) -> Result<ChannelType, String> {
    let known = ChannelType::DOCUMENTED.iter().map(|(_, channel)| channel);
    named(text, known, |channel| (channel.text().to_owned(), channel.name()))
}

fn named<'a, T: Clone + 'a>(
    text: &str,
    mut known: impl Iterator<Item = &'a T> + Clone,
    words: impl Fn(&T) -> (String, String),
) -> Result<T, String> {
    let all = known.clone();
    let fits = |one: &&T| {
        let (number, name) = words(one);
        number == text || name == text
    };
    known.find(fits).cloned().ok_or_else(|| {
        let names: Vec<String> = all
            .map(|one| {
                let (number, name) = words(one);
                format!("{number} {name}")
            })
            .collect();
        format!("expected a number or name of: {}", names.join(", "))
    })
}

pub(super) async fn batch_query(
    config: &Config,
    args: BatchArgs,
    out: Out,
) -> Result<Exit, CliError> {
    let operation = Operation::BatchQuery(BatchQuery {
        state: args.state,
        begin: args.begin,
        end: args.end,
        operator: args.operator,
        channel: args.channel_type,
        order: args.order,
        page: args.page,
        page_size: args.page_size,
    });
    ask(config, &operation, out).await
}

/// Who logs in.
#[derive(Args)]
pub(crate) struct LoginArgs {
    /// The operator's name; a POS device's number.
    #[arg(long)]
    username: String,
    /// The file that holds the password; - reads standard input.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

pub(super) async fn login(config: &Config, args: LoginArgs, out: Out) -> Result<Exit, CliError> {
    let password = secret_of("--password-file", &args.password_file)?;
    let operation = Operation::Login(Login { username: args.username, password });
    ask(config, &operation, out).await
}
