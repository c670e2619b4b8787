//! `cashier run`: everything put together, in the foreground, until told to stop.

use crate::app::charges::Charges;
use crate::app::clock::Clock;
use crate::app::config::Config;
use crate::app::devices::Devices;
use crate::app::exec::Exec;
use crate::app::http::{Http, HttpSettingsError};
use crate::app::terminal::Terminal;
use crate::journal::{Journal, JournalError};
use std::future::Future;
use std::net::SocketAddr;
use tracing::info;

/// Why the firmware cannot run. Nothing was sold.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There can be no HTTP client.
    #[error(transparent)]
    Http(#[from] HttpSettingsError),
    /// The panel cannot listen.
    #[error("the panel cannot listen on {address}: {source}; is another one running?")]
    Panel {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration asks for what this build does not have.
    #[error("{0}")]
    NotBuiltIn(&'static str),
}

/// The executor of a configuration: journal, codec, client, clock.
pub fn exec(config: &Config) -> Result<Exec, RunError> {
    let http = Http::new(&config.http)?;
    let journal = Journal::open(&config.journal)?;
    Ok(Exec::new(journal, config.gateway.clone(), http, Clock::system()))
}

/// Runs the terminal, and its panel if one is configured, until `stop`. `started` hears where the
/// panel listens once the first frame is drawn.
#[cfg(feature = "panel")]
pub async fn run(
    config: Config,
    beside: Option<axum::Router>,
    started: impl FnOnce(Option<SocketAddr>),
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    use crate::app::panel::{self, Panel};

    let listener = match &config.panel {
        None => None,
        Some(panel) => {
            let address = panel.listen;
            let bound = tokio::net::TcpListener::bind(address).await;
            Some(bound.map_err(|source| RunError::Panel { address, source })?)
        }
    };
    let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let token = config.panel.as_ref().and_then(|panel| panel.token.clone());
    let (devices, handles) = Devices::open(&config.devices);
    let charges = Charges::new(exec(&config)?);
    let (terminal, state) = Terminal::new(config, charges, devices)?;
    let mut serving = tokio::task::JoinSet::new();
    if let Some(listener) = listener {
        let panel = Panel { handles, state, token };
        serving.spawn(panel::serve(listener, panel.router(beside)));
    }
    info!(panel = ?address, "running");
    started(address);
    terminal.run(stop).await;
    serving.shutdown().await;
    Ok(())
}

/// Runs the terminal until `stop`.
#[cfg(not(feature = "panel"))]
pub async fn run(
    config: Config,
    started: impl FnOnce(Option<SocketAddr>),
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    if config.panel.is_some() {
        return Err(RunError::NotBuiltIn(
            "panel.listen is set, but this build has no panel: build with --features panel",
        ));
    }
    let (devices, handles) = Devices::open(&config.devices);
    let charges = Charges::new(exec(&config)?);
    let (terminal, state) = Terminal::new(config, charges, devices)?;
    info!("running");
    started(None);
    terminal.run(stop).await;
    drop((handles, state));
    Ok(())
}
