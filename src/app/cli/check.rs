//! `cashier check`: is this terminal ready to sell? A line for each thing it needs.

use super::{CliError, Out, errand};
use crate::app::config::Config;
use crate::app::devices::Devices;
use crate::app::report::Exit;
use crate::app::terminal::new_order;
use crate::money::Fen;
use crate::payment::{AskError, Doubt, DoubtKind, Request, Sale, Verdict};
use serde::Serialize;
use std::time::Duration;

/// One thing and how it is.
#[derive(Serialize)]
struct Line {
    what: String,
    good: bool,
    detail: String,
}

/// How long devices get to come up.
const DEVICE_WAIT: Duration = Duration::from_secs(1);

pub(super) async fn check(config: &Config, out: Out) -> Result<Exit, CliError> {
    let mut lines = vec![Line {
        what: "configuration".to_owned(),
        good: true,
        detail: config.gateway.kind().name().to_owned(),
    }];
    lines.extend(devices(config).await);
    match errand(config) {
        Ok(mut errand) => {
            lines.push(journal(config, &errand));
            lines.push(gateway(config, &mut errand).await);
            errand.close();
        }
        Err(error) => {
            lines.push(Line { what: "journal".into(), good: false, detail: error.to_string() });
        }
    }
    let good = lines.iter().all(|line| line.good);
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            let mark = if line.good { "ok  " } else { "FAIL" };
            format!("{mark}  {}: {}", line.what, line.detail)
        })
        .collect();
    out.print(&serde_json::json!({ "good": good, "checks": lines }), &told.join("\n"));
    Ok(if good { Exit::Done } else { Exit::Failed })
}

async fn devices(config: &Config) -> Vec<Line> {
    let (mut devices, _handles) = Devices::open(&config.devices);
    // Lets the drivers run: a serial port is opened when it is first polled.
    let polling = std::future::poll_fn(|cx| {
        while devices.poll_event(cx).is_ready() {}
        std::task::Poll::<()>::Pending
    });
    // Running out is what is meant to happen.
    let _ = tokio::time::timeout(DEVICE_WAIT, polling).await;
    devices
        .report()
        .into_iter()
        .map(|(what, health)| Line { what, good: health.is_ready(), detail: health.to_string() })
        .collect()
}

fn journal(config: &Config, errand: &crate::app::errand::Errand) -> Line {
    let exec = errand.charges().exec();
    let path = config.journal.display();
    let (good, detail) = match exec.journal().open_charges() {
        Ok(_) if !exec.may_sell() => {
            (false, format!("{path} is damaged; `cashier journal verify` tells how"))
        }
        Ok(open) => (true, format!("{path}, {} open", open.items.len())),
        Err(error) => (false, error.to_string()),
    };
    Line { what: "journal".to_owned(), good, detail }
}

/// Asks about an order that cannot exist: "does not exist" proves address, TLS, identity and sign.
async fn gateway(config: &Config, errand: &mut crate::app::errand::Errand) -> Line {
    let line = |good, detail: String| Line { what: "gateway".to_owned(), good, detail };
    let exec = errand.charges_mut().exec_mut();
    let order = match new_order(exec.clock().unix_ms()) {
        Ok(order) => order,
        Err(error) => return line(false, error.to_string()),
    };
    let sale = Sale {
        order,
        amount: Fen::new(1),
        operator: config.operator.clone(),
        subject: config.merchant_name.clone(),
    };
    let url = &config.http.base_url;
    match exec.ask_once(&Request::Query { sale }, config.policy.query_timeout).await {
        Err(error) => line(false, error.to_string()),
        Ok((Ok(Verdict::NotFound), _)) => line(true, format!("{url} answers")),
        Ok((Ok(Verdict::Unknown(Doubt { kind, said })), _)) => {
            let said = said.unwrap_or_default();
            line(false, format!("{url} answers, but not well: {} {said}", kind.name()))
        }
        Ok((Ok(verdict), _)) => line(
            false,
            format!("{url} knows an order that was just made up ({verdict:?}); is it a gateway?"),
        ),
        Ok((Err(AskError::NotSent), _)) => line(false, format!("{url} cannot be reached")),
        Ok((Err(AskError::MaybeSent), _)) => {
            let kind = DoubtKind::NoAnswer.name();
            line(false, format!("{url} was reached and did not answer in time ({kind})"))
        }
        Ok((Err(AskError::Garbled), _)) => {
            line(false, format!("{url} does not answer like a gateway; is the address right?"))
        }
    }
}
