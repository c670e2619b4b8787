//! `cashier demo`: a simulated gateway, the terminal with virtual devices and the panel, in one
//! process on one thread.
//!
//! The terminal is the firmware itself: it reads a configuration, speaks to the simulator over a
//! socket, and keeps its journal in a file. Only the waits of its policy are shorter, so that a
//! visitor sees how a charge ends within a minute; the page says so. The money is play money, and
//! the screen warns that it travels without TLS (I18).

use crate::app::config::{Config, ConfigError};
use crate::app::run::{self, RunError};
use simulator::{Kind, Settings, StartError};
use std::fmt::Write;
use std::future::Future;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use tokio::net::TcpListener;

/// What the demo is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the page is.
    pub listen: SocketAddr,
    /// Which gateway to simulate.
    pub gateway: Kind,
    /// The terminal's screen.
    pub size: hal::Geometry,
    /// Where the journal is kept; none is a temporary folder, removed at the end.
    pub data: Option<PathBuf>,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The page's address cannot be listened on.
    #[error(
        "the demo cannot listen on {address}: {source}; choose another with --listen, such as \
         --listen 127.0.0.1:0 for a free port"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The simulated gateway does not start.
    #[error("the simulated gateway does not start: {0}")]
    Gateway(#[from] StartError),
    /// The folder for the journal cannot be made.
    #[error("cannot make the folder {path}: {source}; choose another with --data")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Entropy(getrandom::Error),
    /// The configuration that the demo made does not hold.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The terminal does not start.
    #[error(transparent)]
    Run(RunError),
}

/// Runs until `stop`, and prints where the page is on standard output.
pub async fn run(options: Options, stop: impl Future<Output = ()>) -> Result<(), DemoError> {
    run_with(options, |page| println!("{page}"), stop).await
}

/// Runs until `stop`; `started` hears the page's address once the terminal is drawn.
pub async fn run_with(
    options: Options,
    started: impl FnOnce(&str),
    stop: impl Future<Output = ()>,
) -> Result<(), DemoError> {
    let folder = Folder::new(options.data.as_deref())?;
    let settings = Settings::demo(options.gateway);
    let gateway = simulator::start(settings.clone()).await?;
    // Whoever else reaches the page could press the keys.
    let token = if options.listen.ip().is_loopback() { None } else { Some(random_hex()?) };
    let notices = notices(options.gateway).await?;
    let told_at = notices.as_ref().and_then(|listener| listener.local_addr().ok());
    let mut text = configuration(&options, &settings, &gateway.base_url(), token.as_deref());
    if let Some(address) = told_at {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n[notify]\npublic_url = \"http://{address}/\"\n");
    }
    let config = Config::parse(&folder.path.join("demo.toml"), &text)?;
    let beside = simulator::control_router(gateway.control());
    let started = |listening: run::Listening| {
        let address = listening.panel.unwrap_or(options.listen);
        match &token {
            None => started(&format!("http://{address}/")),
            Some(token) => started(&format!("http://{address}/?token={token}")),
        }
    };
    let ran = run::run(config, Some(beside), notices, started, stop).await;
    gateway.stop().await;
    ran.map_err(|error| match error {
        RunError::Listen { address, source, .. } => DemoError::Listen { address, source },
        RunError::Journal(_) | RunError::Http(_) | RunError::NotBuiltIn(_) => DemoError::Run(error),
    })
}

/// Where the simulated gateway tells of payments; Upay v2 tells nobody.
async fn notices(gateway: Kind) -> Result<Option<TcpListener>, DemoError> {
    if gateway == Kind::Shouqianba {
        return Ok(None);
    }
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let bound = TcpListener::bind(address).await;
    bound.map(Some).map_err(|source| DemoError::Listen { address, source })
}

/// The configuration file of the demo.
fn configuration(
    options: &Options,
    settings: &Settings,
    base_url: &str,
    token: Option<&str>,
) -> String {
    let (kind, listen) = (options.gateway, options.listen);
    let (width, height) = (options.size.width(), options.size.height());
    let merchant = settings.merchants.first();
    let id = merchant.map_or("", |merchant| merchant.id.as_str());
    let key = merchant.map_or("", |merchant| merchant.key.as_str());
    // Upay signs as a terminal, SOSOPAY as a merchant.
    let terminal_sn = match kind {
        Kind::Shouqianba => format!("terminal_sn = {id:?}\n"),
        Kind::SosopayJson | Kind::SosopayXml => String::new(),
    };
    let token = token.map(|token| format!("token = {token:?}\n")).unwrap_or_default();
    format!(
        r#"
[merchant]
id = {id:?}
name = "达美乐披萨"
store = "02016"

[gateway]
kind = "{kind}"
base_url = "{base_url}"
key = {key:?}
allow_plaintext = true
{terminal_sn}
[journal]
path = "journal.db"

[policy]
charge_timeout_ms = 20000
charge_doubt_ms = 5000
connect_timeout_ms = 3000
query_timeout_ms = 5000
confirm_budget_ms = 20000
present_budget_ms = 240000
in_flight_max_ms = 20000
reverse_budget_ms = 15000
resolve_max_ms = 30000

[display]
driver = "virtual"
width = {width}
height = {height}

[[scanner]]
driver = "virtual"

[nfc]
driver = "virtual"

[printer]
driver = "virtual"

[panel]
listen = "{listen}"
{token}"#
    )
}

/// The folder of the journal; a temporary one goes away with it.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn new(wanted: Option<&Path>) -> Result<Folder, DemoError> {
        let (path, temporary) = match wanted {
            Some(path) => (path.to_owned(), false),
            None => {
                let name = format!("cashier-demo-{}", random_hex()?);
                (std::env::temp_dir().join(name), true)
            }
        };
        let mut builder = std::fs::DirBuilder::new();
        // A temporary one must be new, so that nobody else's is used, or removed.
        let made = builder.recursive(!temporary).mode(0o700).create(&path);
        made.map_err(|source| DemoError::Folder { path: path.clone(), source })?;
        Ok(Folder { path, temporary })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the demo's folder is still there");
        }
    }
}

fn random_hex() -> Result<String, DemoError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(DemoError::Entropy)?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}
