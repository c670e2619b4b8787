//! `cashier sale` and `cashier present`.

use super::extras::{ExtrasArgs, LifeArgs};
use super::{CliError, Out, errand, stop};
use crate::app::config::Config;
use crate::app::errand::{Errand, Turn};
use crate::app::report::{Exit, Sold};
use crate::app::terminal::new_order;
use crate::app::words;
use crate::gateway::{Extras, FieldError};
use crate::money::Fen;
use crate::payment::outcome::Outcome;
use crate::payment::view::Stage;
use crate::payment::{
    Channel, Charge, CodeKind, Decline, Doubt, DoubtKind, Event, Request, Sale, View, Why,
};
use clap::Args;
use qrcodegen::{QrCode, QrCodeEcc};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to charge, and whom.
#[derive(Args)]
pub(super) struct SaleArgs {
    /// Yuan, such as 12.34.
    #[arg(long, value_parser = amount, allow_negative_numbers = true)]
    amount: Fen,
    /// The customer's payment code.
    #[arg(long)]
    code: String,
    /// How the code was read: barcode, sonic or nfc.
    #[arg(long, default_value = "barcode", value_parser = code_type)]
    code_type: CodeKind,
    #[command(flatten)]
    life: LifeArgs,
    #[command(flatten)]
    extras: ExtrasArgs,
}

/// What to show a QR for.
#[derive(Args)]
pub(super) struct PresentArgs {
    /// Yuan, such as 12.34.
    #[arg(long, value_parser = amount, allow_negative_numbers = true)]
    amount: Fen,
    /// The wallet that is to scan it: wechat, alipay, …; without it, present_channel.
    #[arg(long, value_parser = channel)]
    channel: Option<Channel>,
    /// Write the QR as a picture.
    #[arg(long, value_name = "FILE.png")]
    qr: Option<PathBuf>,
    /// Come back once the QR is there, without waiting for the payment.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    extras: ExtrasArgs,
}

pub(super) fn amount(text: &str) -> Result<Fen, crate::money::AmountError> {
    Fen::parse_yuan(text)?.chargeable()
}

fn code_type(text: &str) -> Result<CodeKind, String> {
    CodeKind::parse(text).ok_or_else(|| "expected barcode, sonic or nfc".to_owned())
}

fn channel(text: &str) -> Result<Channel, String> {
    Channel::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Channel::NAMED.iter().map(Channel::name).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// How long charges from before get for a first round when this sale is over.
const FIRST_ROUND_MAX: Duration = Duration::from_secs(10);

pub(super) async fn sale(config: &Config, args: SaleArgs, out: Out) -> Result<Exit, CliError> {
    let code = config
        .codes
        .parse(&args.code, args.code_type)
        .map_err(|refusal| CliError::Usage(format!("--code: {refusal}; nothing was sent")))?;
    let extras = Extras { life: args.life.life(), ..args.extras.extras()? };
    let (mut errand, sale) = prepare(config, args.amount)?;
    let request = Request::Pay { sale: sale.clone(), code: code.clone() };
    carry(&mut errand, &request, extras)?;
    let expected = code.channel().clone();
    let now = errand.charges().exec().clock().now();
    errand.begin(Charge::await_code(now, sale.clone(), config.policy.clone()));
    errand.handle(&sale.order, Event::Scanned(code));
    let outcome = finish(&mut errand, &sale, |_| false).await.unwrap_or_else(interrupted);
    conclude(config, errand, out, &sale, &outcome, &expected, None).await
}

pub(super) async fn present(
    config: &Config,
    args: PresentArgs,
    out: Out,
) -> Result<Exit, CliError> {
    let channel = args.channel.unwrap_or_else(|| config.present_channel.clone());
    let extras = args.extras.extras()?;
    let (mut errand, sale) = prepare(config, args.amount)?;
    let request = Request::Precreate {
        sale: sale.clone(),
        channel: channel.clone(),
        life: config.policy.present_budget,
    };
    carry(&mut errand, &request, extras)?;
    if let Some(path) = &args.qr {
        writable(path)?;
    }
    let now = errand.charges().exec().clock().now();
    let policy = config.policy.clone();
    errand.begin(if args.no_wait {
        Charge::hand_out(now, sale.clone(), channel.clone(), policy)
    } else {
        Charge::present(now, sale.clone(), channel.clone(), policy)
    });
    let mut shown = None;
    let ended = finish(&mut errand, &sale, |view| {
        let Stage::Presenting { qr: Some(qr), .. } = &view.stage else { return false };
        if shown.is_none() {
            show(qr, args.qr.as_deref(), out);
            shown = Some(qr.clone());
        }
        args.no_wait
    })
    .await;
    match (ended, &shown) {
        (None, Some(qr)) if args.no_wait => {
            let mut sold = Sold::pending(sale.order.as_str(), sale.amount, &channel);
            sold.qr = Some(qr.clone());
            out.sold(&sold, config.locale);
            errand.close();
            Ok(Exit::Open)
        }
        (ended, _) => {
            let outcome = ended.unwrap_or_else(interrupted);
            conclude(config, errand, out, &sale, &outcome, &channel, shown).await
        }
    }
}

/// An errand with what was open taken up, and a new sale for it.
fn prepare(config: &Config, amount: Fen) -> Result<(Errand, Sale), CliError> {
    let mut errand = errand(config)?;
    if !errand.charges().exec().may_sell() {
        return Err(CliError::Failed(format!(
            "the journal {} is damaged, so no sale starts: `cashier journal verify` tells how",
            config.journal.display()
        )));
    }
    errand.charges_mut().restore(&config.policy)?;
    let order = new_order(errand.charges().exec().clock().unix_ms())
        .map_err(|error| CliError::Failed(format!("no entropy for an order number: {error}")))?;
    let sale = Sale {
        order,
        amount,
        operator: config.operator.clone(),
        subject: config.merchant_name.clone(),
    };
    Ok((errand, sale))
}

/// Checks the request with what it is to carry, and sees to it that it does.
fn carry(errand: &mut Errand, request: &Request, extras: Extras) -> Result<(), CliError> {
    let exec = errand.charges_mut().exec_mut();
    let checked: Result<(), FieldError> = exec.gateway().check_with(request, &extras);
    checked.map_err(|error| CliError::Usage(format!("{error}; nothing was sent")))?;
    exec.carry(request.sale().order.clone(), extras);
    Ok(())
}

/// Drives the sale to its end. Nothing if it was interrupted, or if `enough` is true of a view.
async fn finish(
    errand: &mut Errand,
    sale: &Sale,
    mut enough: impl FnMut(&View) -> bool,
) -> Option<Outcome> {
    let mut stop = std::pin::pin!(stop());
    loop {
        match errand.turn(None, &mut stop).await {
            Turn::Shown(view) if view.order == sale.order => {
                if enough(&view) {
                    return None;
                }
            }
            Turn::Ended(view, outcome) if view.order == sale.order => return Some(outcome),
            Turn::Shown(_) | Turn::Ended(..) | Turn::RefundEnded(..) | Turn::Heard => {}
            Turn::Stopped | Turn::Late | Turn::Idle => return None,
        }
    }
}

fn interrupted() -> Outcome {
    Outcome::Unresolved(Doubt::of(DoubtKind::Interrupted))
}

async fn conclude(
    config: &Config,
    mut errand: Errand,
    out: Out,
    sale: &Sale,
    outcome: &Outcome,
    expected: &Channel,
    qr: Option<String>,
) -> Result<Exit, CliError> {
    let mut sold = Sold::new(sale.order.as_str(), sale.amount, expected, outcome, config.locale);
    sold.qr = qr;
    if let Outcome::NotCharged(Decline { why: why @ Why::NeverSent, .. }) = outcome {
        let unreachable = errand.charges().exec().unreachable();
        sold.detail = sold.detail.or_else(|| unreachable.map(ToString::to_string));
        if words::is_untrusted(*why, unreachable) {
            sold.explain_untrusted(config.locale);
        }
    }
    out.sold(&sold, config.locale);
    // Whoever interrupted the sale does not want to wait for others.
    if outcome.is_final() {
        errand.first_round(FIRST_ROUND_MAX, stop()).await;
    }
    errand.close();
    Ok(Exit::of_sale(outcome))
}

fn writable(path: &std::path::Path) -> Result<(), CliError> {
    std::fs::File::create(path).map(drop).map_err(|error| {
        CliError::Usage(format!("--qr {}: {error}; nothing was sent", path.display()))
    })
}

/// Shows the QR to people, and writes it as a picture if asked to.
fn show(qr: &str, picture: Option<&Path>, out: Out) {
    let code = match QrCode::encode_text(qr, QrCodeEcc::Medium) {
        Ok(code) => code,
        Err(error) => return tracing::error!(%error, "the gateway's text does not fit into a QR"),
    };
    if let Some(path) = picture
        && let Err(error) = write_png(&code, path)
    {
        tracing::error!(path = %path.display(), %error, "the picture was not written");
    }
    if !out.json {
        // A reader that is gone needs no picture.
        let _ = writeln!(std::io::stderr().lock(), "{}", in_blocks(&code));
    }
}

/// The quiet zone in modules (ISO/IEC 18004 §6.3.8).
const QUIET: i32 = 4;

/// Two rows of modules in each row of characters, light modules as blocks.
fn in_blocks(code: &QrCode) -> String {
    let end = code.size() + QUIET;
    let mut text = String::new();
    for y in (-QUIET..end).step_by(2) {
        for x in -QUIET..end {
            text.push(match (code.get_module(x, y), code.get_module(x, y + 1)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            });
        }
        text.push('\n');
    }
    text
}

/// Eight pixels a module, black on white.
fn write_png(code: &QrCode, path: &Path) -> std::io::Result<()> {
    const SCALE: usize = 8;
    let modules = -QUIET..code.size() + QUIET;
    let width = u32::try_from(modules.len() * SCALE).unwrap_or(u32::MAX);
    let mut pixels = Vec::new();
    for y in modules.clone() {
        let shade = |x| if code.get_module(x, y) { 0u8 } else { 255 };
        let row = modules.clone().flat_map(|x| [shade(x); SCALE]);
        pixels.extend(std::iter::repeat_n(row, SCALE).flatten());
    }
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let mut encoder = png::Encoder::new(file, width, width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(())
}
