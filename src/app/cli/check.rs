//! `cashier check`: is this terminal ready to sell? A line for each thing it needs.

mod listen;

use super::{CliError, Out};
use crate::app::clock::Clock;
use crate::app::config::Config;
use crate::app::devices::Devices;
use crate::app::exec::outgoing;
use crate::app::http::{Http, Unanswered};
use crate::app::report::Exit;
use crate::app::terminal::new_order;
use crate::gateway::{HttpResponse, Kind, Stamp};
use crate::journal::{Journal, JournalError};
use crate::money::Fen;
use crate::payment::{AskError, DoubtKind, Request, Sale, Verdict};
use serde::Serialize;
use std::time::Duration;

#[derive(clap::Args)]
pub(super) struct CheckArgs {
    /// Then show for so many seconds what each scanner reads; codes are masked.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    listen: Option<u64>,
}

/// One thing and how it is.
#[derive(Serialize)]
struct Line {
    what: String,
    good: bool,
    detail: String,
}

/// How long devices get to come up.
const DEVICE_WAIT: Duration = Duration::from_secs(1);

/// How many events are taken before somebody else has a turn.
const EVENTS_A_TURN: usize = 64;

pub(super) async fn check(config: &Config, args: &CheckArgs, out: Out) -> Result<Exit, CliError> {
    let mut lines = vec![Line {
        what: "configuration".to_owned(),
        good: true,
        detail: config.gateway.kind().name().to_owned(),
    }];
    let (mut devices, _handles) = Devices::open(&config.devices);
    lines.extend(probe(&mut devices).await);
    lines.push(journal(config));
    lines.push(gateway(config).await);
    let good = lines.iter().all(|line| line.good);
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let mark = if line.good { "ok  " } else { "FAIL" };
            format!("{mark}  {}: {}", line.what, line.detail)
        })
        .collect();
    let mut object = serde_json::json!({ "good": good, "checks": lines });
    if !out.json || args.listen.is_none() {
        out.print(&object, &told.join("\n"));
    }
    if let Some(seconds) = args.listen {
        let time = Duration::from_secs(seconds);
        let heard = listen::listen(&mut devices, &config.codes, time, out).await;
        object["heard"] = serde_json::json!(heard);
        if out.json {
            out.print(&object, "");
        }
    }
    Ok(if good { Exit::Done } else { Exit::Failed })
}

async fn probe(devices: &mut Devices) -> Vec<Line> {
    // Lets the drivers run: a serial port is opened when it is first polled.
    let polling = std::future::poll_fn(|cx| {
        for _ in 0..EVENTS_A_TURN {
            if devices.poll_event(cx).is_pending() {
                return std::task::Poll::<()>::Pending;
            }
        }
        // A line that is all noise must not outlast the wait (I15).
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    });
    // Running out is what is meant to happen.
    let _ = tokio::time::timeout(DEVICE_WAIT, polling).await;
    devices
        .report()
        .into_iter()
        .map(|(what, health)| Line { what, good: health.is_ready(), detail: health.to_string() })
        .collect()
}

/// Whether a sale could be written down. The firmware may be running: then it has the journal.
/// Nothing is made: a misspelt path must not leave a journal behind.
fn journal(config: &Config) -> Line {
    let path = config.journal.display();
    let (good, detail) = match Journal::open_existing(&config.journal) {
        Ok(None) => {
            (true, format!("{path} does not exist yet; it will be created at the first start"))
        }
        Ok(Some(journal)) if !journal.damage().is_empty() => {
            (false, format!("{path} is damaged; `cashier journal verify` tells how"))
        }
        Ok(Some(journal)) => match journal.open_charges() {
            Ok(open) => (true, format!("{path}, {} open", open.items.len())),
            Err(error) => (false, error.to_string()),
        },
        Err(error @ JournalError::InUse { .. }) => (true, error.to_string()),
        Err(error) => (false, error.to_string()),
    };
    Line { what: "journal".to_owned(), good, detail }
}

/// Asks about an order that cannot exist: "does not exist" proves address and TLS, and at Upay,
/// which signs its queries, number and key.
async fn gateway(config: &Config) -> Line {
    let url = &config.http.base_url;
    let (good, detail) = match ask(config).await {
        Err(error) => (false, error),
        Ok(Ok(Verdict::NotFound)) => {
            let unproven = match config.gateway.kind() {
                Kind::Shouqianba => "",
                // JSON zh §7 and XML v1 §6: a query carries no sign.
                Kind::SosopayJson | Kind::SosopayXml => {
                    "; whether the key is right, the first sale will tell"
                }
            };
            (true, format!("{url} answers{unproven}"))
        }
        Ok(Ok(Verdict::Unknown(doubt))) => {
            let said = doubt.said.as_deref().unwrap_or("in no words");
            let to_do = if doubt.kind == DoubtKind::AskAgain { credentials(config) } else { "" };
            let kind = doubt.kind.name();
            (false, format!("{url} answers, but not well ({kind}): {said}{to_do}"))
        }
        Ok(Ok(verdict)) => {
            let name = verdict.name();
            (false, format!("{url} knows an order that was just made up ({name}); is it right?"))
        }
        Ok(Err(unanswered)) => (false, format!("{url} {}", not_answering(config, &unanswered))),
    };
    Line { what: "gateway".to_owned(), good, detail }
}

/// What to look at when a gateway turns us away: most often a key or a number that was mistyped.
fn credentials(config: &Config) -> &'static str {
    match config.gateway.kind() {
        Kind::Shouqianba => "; are gateway.terminal_sn and the key in gateway.key_file right?",
        Kind::SosopayJson | Kind::SosopayXml => {
            "; are merchant.id and the key in gateway.key_file right?"
        }
    }
}

/// Why there is no answer, and what was heard instead.
fn not_answering(config: &Config, unanswered: &Unanswered) -> String {
    let Unanswered { error, fragment, unreachable } = unanswered;
    let heard = fragment.as_ref().map(|fragment| {
        // It may name a host that the other side made up.
        format!(" ({})", config.gateway.redact(fragment.to_string().as_bytes()))
    });
    let heard = heard.unwrap_or_default();
    match error {
        AskError::NotSent => match unreachable {
            Some(why) => format!("cannot be reached: {why}"),
            None => "cannot be reached".to_owned(),
        },
        AskError::MaybeSent if fragment.is_some() => {
            format!("was reached and its answer broke off{heard}")
        }
        AskError::MaybeSent => "was reached and did not answer in time".to_owned(),
        AskError::Garbled => {
            format!("does not answer like a gateway{heard}; is the address right?")
        }
    }
}

async fn ask(config: &Config) -> Result<Result<Verdict, Unanswered>, String> {
    let clock = Clock::system();
    let order = new_order(clock.unix_ms()).map_err(|error| error.to_string())?;
    let sale = Sale {
        order,
        amount: Fen::new(1),
        operator: config.operator.clone(),
        subject: config.merchant_name.clone(),
    };
    let request = Request::Query { sale };
    let stamp = Stamp { unix_seconds: clock.unix_ms() / 1000 };
    let encoded = config.gateway.encode(&request, stamp).map_err(|error| error.to_string())?;
    let http = Http::new(&config.http).map_err(|error| error.to_string())?;
    let result = http.send(outgoing(encoded), config.policy.query_timeout).await;
    Ok(result.map(|incoming| {
        let response = HttpResponse { status: incoming.status, body: incoming.body };
        config.gateway.decode(&request, &response)
    }))
}
