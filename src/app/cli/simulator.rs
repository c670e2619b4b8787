//! `cashier simulator`: a gateway to develop against.

use super::{CliError, Out, stop};
use crate::app::report::Exit;
use clap::Args;
use serde_json::json;
use simulator::{Kind, Merchant, Settings};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Which gateway, and what goes wrong with it.
#[derive(Args)]
pub(super) struct SimulatorArgs {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// shouqianba, sosopay-json or sosopay-xml.
    #[arg(long)]
    kind: Kind,
    /// Faults, as JSON: [{"operation":"pay","nth":1,"fault":"drop_answer"}].
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// What chance is drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The merchant's number (SOSOPAY) or the terminal's (Upay v2) that it knows; with --key.
    #[arg(long, requires = "key")]
    id: Option<String>,
    /// The key that goes with --id.
    #[arg(long, requires = "id")]
    key: Option<String>,
}

pub(super) async fn simulate(args: SimulatorArgs, out: Out) -> Result<Exit, CliError> {
    let mut settings = Settings::demo(args.kind);
    settings.listen = args.listen;
    settings.seed = args.seed;
    settings.magic_codes = true;
    if let (Some(id), Some(key)) = (args.id, args.key) {
        settings.merchants = vec![Merchant { id, key }];
    }
    if let Some(path) = &args.faults {
        let wrong = |error: String| CliError::Usage(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        settings.faults =
            simulator::read_faults(&text).map_err(|error| wrong(error.to_string()))?;
    }
    let merchants = settings.merchants.clone();
    let running =
        simulator::start(settings).await.map_err(|error| CliError::Failed(error.to_string()))?;
    let known: Vec<_> =
        merchants.iter().map(|one| json!({ "id": one.id, "key": one.key })).collect();
    let told = json!({
        "base_url": running.base_url(),
        "control_url": format!("http://{}/_control/", running.address()),
        "merchants": known,
    });
    let mut lines = vec![
        format!("base_url    {}", running.base_url()),
        format!("control     http://{}/_control/", running.address()),
    ];
    lines.extend(merchants.iter().map(|one| format!("id and key  {} {}", one.id, one.key)));
    out.print(&told, &lines.join("\n"));
    stop().await;
    running.stop().await;
    Ok(Exit::Done)
}
