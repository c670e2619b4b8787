//! Orders that are paid elsewhere than at the counter: journalled before they are sent (I1), then
//! left to be paid as a QR is that was handed out. `query` asks what became of one; a running
//! terminal cancels it `present_budget_ms` after its start if nobody has paid, and `resolve` at
//! once.

use super::lists::channel_type;
use super::{check, usage};
use crate::app::cli::extras::{ExtrasArgs, LifeArgs};
use crate::app::cli::sale::amount;
use crate::app::cli::{CliError, Out, stop};
use crate::app::config::Config;
use crate::app::exec::{Came, Exec};
use crate::app::report::{Exit, Told, headline};
use crate::app::run;
use crate::app::terminal::new_order;
use crate::gateway::operation::{AlipayOrder, Buyer, JsapiOrder, Scene, WapOrder};
use crate::gateway::sosopay::dictionary::ChannelType;
use crate::gateway::{Failed, LIFE_MIN, Operation, WAP_LIFE_MIN};
use crate::money::Fen;
use crate::payment::outcome::Outcome;
use crate::payment::record::Direction;
use crate::payment::{AskError, Channel, Decline, Doubt, DoubtKind, Record, Sale, Why};
use clap::{ArgGroup, Args};
use serde_json::json;
use std::net::IpAddr;
use std::time::Duration;
use ui::Text;

/// What every order has.
#[derive(Args)]
struct OrderedArgs {
    /// Yuan, such as 12.34.
    #[arg(long, value_parser = amount, allow_negative_numbers = true)]
    amount: Fen,
    #[command(flatten)]
    life: LifeArgs,
    #[command(flatten)]
    extras: ExtrasArgs,
}

/// An official account's order.
#[derive(Args)]
pub(crate) struct JsapiArgs {
    #[command(flatten)]
    order: OrderedArgs,
    /// The customer in the official account (subOpenid).
    #[arg(long, value_name = "OPENID")]
    openid: String,
    /// The official account (subAppid), if it is a sub-merchant's.
    #[arg(long, value_name = "APPID")]
    appid: Option<String>,
    /// The channel (CHANNEL_TYPE): its number or name.
    #[arg(long, value_name = "CHANNEL", default_value = "wechat", value_parser = channel_type)]
    channel_type: ChannelType,
}

/// An Alipay account's order.
#[derive(Args)]
#[command(group = ArgGroup::new("buyer").required(true).multiple(true))]
pub(crate) struct AlipayArgs {
    #[command(flatten)]
    order: OrderedArgs,
    /// The customer's account: an e-mail address or phone number (buyerLogonId).
    #[arg(long, value_name = "ACCOUNT", group = "buyer")]
    buyer_logon_id: Option<String>,
    /// The customer's number: 16 digits that start with 2088 (buyerId).
    #[arg(long, value_name = "NUMBER", group = "buyer")]
    buyer_id: Option<String>,
}

/// An order from a page on the customer's phone.
#[derive(Args)]
#[command(group = ArgGroup::new("scene").required(true))]
pub(crate) struct WapArgs {
    #[command(flatten)]
    order: OrderedArgs,
    /// The customer's phone (SPBILL_CREATE_IP).
    #[arg(long, value_name = "ADDRESS")]
    customer_ip: IpAddr,
    /// Opened in a browser: the web page's address (SCENE_INFO, Wap).
    #[arg(long, value_name = "URL", group = "scene", requires = "wap_name")]
    wap_url: Option<String>,
    /// The web page's name.
    #[arg(long, value_name = "NAME", requires = "wap_url")]
    wap_name: Option<String>,
    /// Opened in an app on iOS: the app's identity (SCENE_INFO, IOS).
    #[arg(long, value_name = "ID", group = "scene", requires = "app_name")]
    bundle_id: Option<String>,
    /// Opened in an app on Android: the app's identity (SCENE_INFO, Android).
    #[arg(long, value_name = "NAME", group = "scene", requires = "app_name")]
    package_name: Option<String>,
    /// The app's name.
    #[arg(long, value_name = "NAME", conflicts_with = "wap_url")]
    app_name: Option<String>,
    /// Where the customer lands after paying.
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    /// The channel (CHANNEL_TYPE): its number or name; Alipay's of mobile pages is alipay_wap.
    #[arg(long, value_name = "CHANNEL", default_value = "wechat", value_parser = channel_type)]
    channel_type: ChannelType,
}

impl WapArgs {
    /// Clap has seen to it that one scene is whole; what is missing all the same, the codec names.
    fn scene(&self) -> Scene {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        if let Some(bundle_id) = self.bundle_id.clone() {
            Scene::Ios { app_name: text(&self.app_name), bundle_id }
        } else if let Some(package_name) = self.package_name.clone() {
            Scene::Android { app_name: text(&self.app_name), package_name }
        } else {
            Scene::Wap { url: text(&self.wap_url), name: text(&self.wap_name) }
        }
    }
}

impl OrderedArgs {
    fn sale(&self, config: &Config) -> Result<Sale, CliError> {
        let clock = crate::app::clock::Clock::system();
        let order = new_order(clock.unix_ms()).map_err(|error| {
            CliError::Failed(format!("no entropy for an order number: {error}"))
        })?;
        Ok(Sale {
            order,
            amount: self.amount,
            operator: config.operator.clone(),
            subject: config.merchant_name.clone(),
        })
    }

    /// Unless told otherwise an order lives as long as the terminal waits for it.
    fn life(&self, config: &Config, min: Duration) -> Duration {
        self.life.life().unwrap_or(config.policy.present_budget.max(min))
    }
}

pub(super) async fn jsapi(config: &Config, args: JsapiArgs, out: Out) -> Result<Exit, CliError> {
    let sale = args.order.sale(config)?;
    let channel = args.channel_type.clone().channel();
    let operation = Operation::JsapiOrder(JsapiOrder {
        sale: sale.clone(),
        channel: args.channel_type,
        life: Some(args.order.life(config, LIFE_MIN)),
        sub_appid: args.appid,
        sub_openid: args.openid,
        extras: args.order.extras.extras()?,
    });
    place(config, &sale, &channel, &operation, out).await
}

pub(super) async fn alipay(config: &Config, args: AlipayArgs, out: Out) -> Result<Exit, CliError> {
    let sale = args.order.sale(config)?;
    let buyer = match (args.buyer_logon_id, args.buyer_id) {
        (Some(logon_id), Some(user_id)) => Buyer::Both { logon_id, user_id },
        (Some(logon_id), None) => Buyer::LogonId(logon_id),
        (None, Some(user_id)) => Buyer::UserId(user_id),
        (None, None) => {
            let problem = "--buyer-logon-id or --buyer-id is needed: who pays";
            return Err(CliError::Usage(problem.to_owned()));
        }
    };
    let operation = Operation::AlipayOrder(AlipayOrder {
        sale: sale.clone(),
        buyer,
        life: Some(args.order.life(config, LIFE_MIN)),
        extras: args.order.extras.extras()?,
    });
    place(config, &sale, &Channel::Alipay, &operation, out).await
}

pub(super) async fn wap(config: &Config, args: WapArgs, out: Out) -> Result<Exit, CliError> {
    let sale = args.order.sale(config)?;
    let scene = args.scene();
    let channel = args.channel_type.clone().channel();
    let operation = Operation::WapOrder(WapOrder {
        sale: sale.clone(),
        channel: args.channel_type,
        life: Some(args.order.life(config, WAP_LIFE_MIN)),
        scene,
        return_url: args.return_url,
        customer_ip: args.customer_ip,
        extras: args.order.extras.extras()?,
    });
    place(config, &sale, &channel, &operation, out).await
}

/// Journals the order, sends it once, and journals what that proves.
async fn place(
    config: &Config,
    sale: &Sale,
    channel: &Channel,
    operation: &Operation,
    out: Out,
) -> Result<Exit, CliError> {
    check(config, operation)?;
    let mut exec = run::exec(config)?;
    if !exec.may_sell() {
        return Err(CliError::Failed(format!(
            "the journal {} is damaged, so no order is placed: `cashier journal verify` tells how",
            config.journal.display()
        )));
    }
    let direction = Direction::HandOut { channel: channel.clone() };
    store(&mut exec, &Record::Opened { sale: sale.clone(), direction })?;
    let timeout = config.policy.charge_timeout;
    let came = tokio::select! {
        came = exec.operate(&sale.order, operation, timeout) => Some(came.map_err(|e| usage(&e))?),
        () = stop() => None,
    };
    // Interrupted, it may have been sent.
    let came = came.unwrap_or(Came::Unanswered(AskError::MaybeSent));
    let mut told = Told::new(operation.name(), &came, &config.merchant_id, config.locale);
    let mut outcome = proven(&came);
    if let Some(end) = outcome.as_ref().map(|outcome| end(sale, outcome))
        && store(&mut exec, &end).is_err()
    {
        // What is not durable is not certain (I10); the order stays open in the journal.
        outcome = Some(Outcome::Unresolved(Doubt::of(DoubtKind::JournalFailed)));
        told.exit = Exit::Open;
    }
    if let Some(outcome @ Outcome::Unresolved(_)) = &outcome {
        told.explain_sale(outcome, config.locale);
    }
    told.set("order", json!(sale.order.as_str()));
    told.set("amount_fen", json!(sale.amount.get()));
    told.set("channel", json!(channel.name()));
    told.set("outcome", json!(outcome.as_ref().map_or("pending", Outcome::name)));
    let title = match &outcome {
        None => Text::WaitingForCustomer,
        Some(Outcome::Unresolved(_)) => Text::Unresolved,
        Some(Outcome::Paid(_) | Outcome::NotCharged(_) | Outcome::Reversed(_)) => Text::NotCharged,
    };
    told.line(headline(title, sale.amount.get(), sale.order.as_str(), config.locale));
    out.print(told.object(), &told.text());
    exec.close();
    Ok(told.exit)
}

/// The end that an answer proves, or the doubt that it leaves; nothing while the order is there to
/// be paid.
fn proven(came: &Came) -> Option<Outcome> {
    match came {
        Came::Answered(_) => None,
        Came::Failed(Failed::Refused(decline)) => Some(Outcome::NotCharged(decline.clone())),
        Came::Failed(Failed::NotFound) => {
            Some(Outcome::Unresolved(Doubt::of(DoubtKind::NotFoundYet)))
        }
        Came::Failed(Failed::Unknown(doubt)) => Some(Outcome::Unresolved(doubt.clone())),
        Came::Unanswered(AskError::NotSent) => {
            Some(Outcome::NotCharged(Decline::ours(Why::NeverSent)))
        }
        Came::Unanswered(AskError::MaybeSent) => {
            Some(Outcome::Unresolved(Doubt::of(DoubtKind::NoAnswer)))
        }
        Came::Unanswered(AskError::Garbled) => {
            Some(Outcome::Unresolved(Doubt::of(DoubtKind::Unreadable)))
        }
    }
}

fn end(sale: &Sale, outcome: &Outcome) -> Record {
    let order = sale.order.clone();
    match outcome {
        Outcome::Unresolved(doubt) => Record::Parked { order, doubt: doubt.clone() },
        Outcome::Paid(_) | Outcome::NotCharged(_) | Outcome::Reversed(_) => {
            Record::Settled { order, outcome: outcome.clone() }
        }
    }
}

fn store(exec: &mut Exec, record: &Record) -> Result<(), CliError> {
    exec.store(record).map_err(|_| {
        let order = record.order();
        CliError::Failed(format!("the journal did not take an entry of order {order}"))
    })
}
