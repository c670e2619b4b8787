//! Upay's terminals: who may call, with which key, and how the keys change.
//!
//! ```text
//!  activate ──→ current ──checkin──→ current + next ──first call signed with next──→ current
//! ```
//!
//! The document has neither call; README "In the field" and 收钱吧's public manual do: activate is
//! signed by the vendor and makes a terminal, check-in gives it a new key. The old key stays good
//! until the new one is first used, so that a terminal that lost the answer, or its power, signs
//! with the old one and checks in again. Activating with the same code and device again finds the
//! same terminal, for the same reason.
//!
//! Memory is bounded by `MAX_TERMINALS`.

use std::fmt;

use md5::{Digest, Md5};
use serde::Serialize;

use crate::settings::{Merchant, Vendor};

/// Terminals that are kept.
const MAX_TERMINALS: usize = 10_000;

/// A terminal, as the gateway knows it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct TerminalView {
    /// Its number.
    pub terminal_sn: String,
    /// The device it was activated for, or checked in from first.
    pub device_id: Option<String>,
    /// The key it last signed with.
    pub key: String,
    /// The key of its last check-in, while nothing was signed with it.
    pub next_key: Option<String>,
}

impl fmt::Debug for TerminalView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // I17: no key in logs.
        f.debug_struct("TerminalView")
            .field("terminal_sn", &self.terminal_sn)
            .field("device_id", &self.device_id)
            .field("rotating", &self.next_key.is_some())
            .finish_non_exhaustive()
    }
}

/// Which of its keys a call was signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignedWith {
    Current,
    Next,
}

/// Why a call is not a terminal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotSigned {
    Unknown,
    Wrong,
}

/// Why a terminal was not made, or gets no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTerminal {
    /// No such code, or another device used it.
    Code,
    /// The device is another's.
    Device,
    Full,
}

#[derive(Debug)]
struct Terminal {
    view: TerminalView,
    code: Option<String>,
}

/// Every terminal, and the codes that make more.
#[derive(Debug)]
pub(crate) struct Terminals {
    terminals: Vec<Terminal>,
    vendor: Option<Vendor>,
    seed: u64,
    keys_made: u64,
}

/// Upay v2 §2-2: hex(MD5(content + secret)).
fn signed(body: &[u8], key: &str) -> String {
    hex(&[body, key.as_bytes()])
}

fn hex(parts: &[&[u8]]) -> String {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Terminals {
    pub fn new(merchants: &[Merchant], vendor: Option<Vendor>, seed: u64) -> Self {
        let known = |merchant: &Merchant| Terminal {
            view: TerminalView {
                terminal_sn: merchant.id.clone(),
                device_id: None,
                key: merchant.key.clone(),
                next_key: None,
            },
            code: None,
        };
        Self { terminals: merchants.iter().map(known).collect(), vendor, seed, keys_made: 0 }
    }

    /// Every terminal, oldest first.
    pub fn views(&self) -> Vec<TerminalView> {
        self.terminals.iter().map(|terminal| terminal.view.clone()).collect()
    }

    /// Checks a terminal's sign, and tells which key made it.
    pub fn verify(&self, sn: &str, body: &[u8], sign: &str) -> Result<SignedWith, NotSigned> {
        let known = self.terminals.iter().find(|terminal| terminal.view.terminal_sn == sn);
        let view = &known.ok_or(NotSigned::Unknown)?.view;
        if signed(body, &view.key) == sign {
            Ok(SignedWith::Current)
        } else if view.next_key.as_deref().is_some_and(|key| signed(body, key) == sign) {
            Ok(SignedWith::Next)
        } else {
            Err(NotSigned::Wrong)
        }
    }

    /// A call signed with the next key was carried out: that ends the old one.
    pub fn next_used(&mut self, sn: &str) {
        let known = self.terminals.iter_mut().find(|terminal| terminal.view.terminal_sn == sn);
        if let Some(view) = known.map(|terminal| &mut terminal.view)
            && let Some(key) = view.next_key.take()
        {
            view.key = key;
        }
    }

    /// Checks the vendor's sign.
    pub fn verify_vendor(&self, sn: &str, body: &[u8], sign: &str) -> Result<(), NotSigned> {
        let known = self.vendor.as_ref().filter(|vendor| vendor.sn == sn);
        let vendor = known.ok_or(NotSigned::Unknown)?;
        if signed(body, &vendor.key) == sign { Ok(()) } else { Err(NotSigned::Wrong) }
    }

    /// Makes a terminal of a code and a device: its number and key.
    pub fn activate(&mut self, code: &str, device: &str) -> Result<(String, String), NoTerminal> {
        let listed = |vendor: &Vendor| vendor.activation_codes.iter().any(|one| one == code);
        if !self.vendor.as_ref().is_some_and(listed) {
            return Err(NoTerminal::Code);
        }
        let used = self.terminals.iter().position(|one| one.code.as_deref() == Some(code));
        if let Some(place) = used {
            let same = |one: &Terminal| one.view.device_id.as_deref() == Some(device);
            if !self.terminals.get(place).is_some_and(same) {
                return Err(NoTerminal::Code);
            }
            return self.rotate(place);
        }
        if self.terminals.len() >= MAX_TERMINALS {
            return Err(NoTerminal::Full);
        }
        let terminal_sn = format!("1000{:08}", self.terminals.len());
        let key = self.new_key();
        let view = TerminalView {
            terminal_sn: terminal_sn.clone(),
            device_id: Some(device.to_owned()),
            key: key.clone(),
            next_key: None,
        };
        self.terminals.push(Terminal { view, code: Some(code.to_owned()) });
        Ok((terminal_sn, key))
    }

    /// Gives a terminal its next key.
    pub fn checkin(&mut self, sn: &str, device: &str) -> Result<(String, String), NoTerminal> {
        let place = self.terminals.iter().position(|one| one.view.terminal_sn == sn);
        let place = place.ok_or(NoTerminal::Device)?;
        if let Some(terminal) = self.terminals.get_mut(place) {
            let bound = terminal.view.device_id.get_or_insert_with(|| device.to_owned());
            if bound != device {
                return Err(NoTerminal::Device);
            }
        }
        self.rotate(place)
    }

    fn rotate(&mut self, place: usize) -> Result<(String, String), NoTerminal> {
        let key = self.new_key();
        let view = &mut self.terminals.get_mut(place).ok_or(NoTerminal::Device)?.view;
        view.next_key = Some(key.clone());
        Ok((view.terminal_sn.clone(), key))
    }

    /// Keys come from the seed: two runs give the same ones.
    fn new_key(&mut self) -> String {
        self.keys_made = self.keys_made.wrapping_add(1);
        hex(&[b"terminal key", &self.seed.to_le_bytes(), &self.keys_made.to_le_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminals() -> Terminals {
        let merchants = [Merchant { id: "t".into(), key: "k0".into() }];
        let vendor = Vendor {
            sn: "v".into(),
            key: "vk".into(),
            activation_codes: vec!["c1".into(), "c2".into()],
        };
        Terminals::new(&merchants, Some(vendor), 7)
    }

    #[test]
    fn the_old_key_is_good_until_the_new_one_is_used() {
        let mut known = terminals();
        let check = |known: &mut Terminals, key: &str| {
            let with = known.verify("t", b"b", &signed(b"b", key))?;
            if with == SignedWith::Next {
                known.next_used("t");
            }
            Ok(with)
        };
        let (_, lost) = known.checkin("t", "d").unwrap();
        assert_eq!(check(&mut known, "k0"), Ok(SignedWith::Current));
        let (_, next) = known.checkin("t", "d").unwrap();
        assert_ne!(lost, next);
        assert_eq!(check(&mut known, &lost), Err(NotSigned::Wrong));
        assert_eq!(check(&mut known, "k0"), Ok(SignedWith::Current));
        assert_eq!(check(&mut known, &next), Ok(SignedWith::Next));
        assert_eq!(check(&mut known, "k0"), Err(NotSigned::Wrong));
        assert_eq!(check(&mut known, &next), Ok(SignedWith::Current));
    }

    #[test]
    fn a_code_makes_one_terminal_for_one_device() {
        let mut known = terminals();
        let (sn, key) = known.activate("c1", "d").unwrap();
        assert_eq!(known.verify(&sn, b"b", &signed(b"b", &key)), Ok(SignedWith::Current));
        assert_eq!(known.activate("c1", "other"), Err(NoTerminal::Code));
        assert_eq!(known.activate("c3", "d"), Err(NoTerminal::Code));
        let (again, _) = known.activate("c1", "d").unwrap();
        assert_eq!(again, sn);
        assert_ne!(known.activate("c2", "d").unwrap().0, sn);
        assert_eq!(known.checkin(&sn, "other"), Err(NoTerminal::Device));
    }

    #[test]
    fn no_key_is_shown() {
        assert!(!format!("{:?}", terminals()).contains("k0"));
        assert!(!format!("{:?}", terminals()).contains("vk"));
    }
}
