//! `encrypt=3DES`: triple DES over the body, then BASE64 (JSON zh §1, table 2.2).
//!
//! Mode, padding and key derivation are not documented. protocol/README decides: what Java's
//! `DESede` defaults to (ECB, PKCS#5 padding, 24 key bytes), and configuration for the rest.

use crate::gateway::settings::{CipherMode, CipherSettings, KeyEncoding, SettingsError};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};
use des::TdesEde3;
use std::fmt;
use zeroize::Zeroizing;

const KEY: &str = "gateway.cipher.key";
const IV: &str = "gateway.cipher.iv";

/// The cipher, ready to use. `Debug` shows no key.
#[derive(Clone)]
pub(super) struct Cipher {
    key: Zeroizing<[u8; 24]>,
    iv: Option<[u8; 8]>,
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cipher(***)")
    }
}

impl Cipher {
    pub fn new(settings: &CipherSettings, merchant: &Secret) -> Result<Cipher, SettingsError> {
        let bytes = match &settings.key {
            Some(key) => bytes(KEY, key, settings.encoding)?,
            None => Zeroizing::new(merchant.expose().as_bytes().to_vec()),
        };
        let iv = match (settings.mode, &settings.iv) {
            (CipherMode::Ecb, None) => None,
            (CipherMode::Cbc, Some(iv)) => Some(eight(&bytes_of_iv(iv, settings.encoding)?)?),
            (CipherMode::Cbc, None) => {
                return Err(SettingsError::new(IV, "is needed for mode = \"cbc\""));
            }
            (CipherMode::Ecb, Some(_)) => {
                return Err(SettingsError::new(IV, "has no use with mode = \"ecb\""));
            }
        };
        Ok(Cipher { key: whole(&bytes, settings.key.is_none())?, iv })
    }

    /// Encrypts a body and encodes it.
    pub fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let key = (*self.key).into();
        let sealed = match self.iv {
            None => ecb::Encryptor::<TdesEde3>::new(&key).encrypt_padded_vec::<Pkcs7>(plain),
            Some(iv) => {
                cbc::Encryptor::<TdesEde3>::new(&key, &iv.into()).encrypt_padded_vec::<Pkcs7>(plain)
            }
        };
        STANDARD.encode(sealed).into_bytes()
    }

    /// Decodes and decrypts a body; nothing if it is none of ours. Line breaks, which BASE64
    /// encoders like to put in, are ignored.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let bare: Vec<u8> =
            sealed.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let sealed = STANDARD.decode(bare).ok()?;
        let key = (*self.key).into();
        match self.iv {
            None => ecb::Decryptor::<TdesEde3>::new(&key).decrypt_padded_vec::<Pkcs7>(&sealed).ok(),
            Some(iv) => cbc::Decryptor::<TdesEde3>::new(&key, &iv.into())
                .decrypt_padded_vec::<Pkcs7>(&sealed)
                .ok(),
        }
    }
}

fn bytes_of_iv(iv: &Secret, encoding: KeyEncoding) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
    bytes(IV, iv, encoding)
}

fn bytes(
    name: &'static str,
    text: &Secret,
    encoding: KeyEncoding,
) -> Result<Zeroizing<Vec<u8>>, SettingsError> {
    let text = text.expose();
    let bytes = match encoding {
        KeyEncoding::Utf8 => Some(text.as_bytes().to_vec()),
        KeyEncoding::Hex => hex(text),
        KeyEncoding::Base64 => STANDARD.decode(text).ok(),
    };
    let problem = "is not in the encoding that gateway.cipher.key_encoding says";
    bytes.map(Zeroizing::new).ok_or_else(|| SettingsError::new(name, problem))
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}

fn eight(bytes: &[u8]) -> Result<[u8; 8], SettingsError> {
    let problem = || format!("must be 8 bytes, and is {}", bytes.len());
    bytes.try_into().map_err(|_| SettingsError::new(IV, problem()))
}

/// 24 bytes as they are; 16 as K1 K2 K1.
fn whole(bytes: &[u8], is_merchants: bool) -> Result<Zeroizing<[u8; 24]>, SettingsError> {
    let mut key = Zeroizing::new([0; 24]);
    match bytes.len() {
        24 => key.copy_from_slice(bytes),
        16 => {
            let (first, last) = key.split_at_mut(16);
            first.copy_from_slice(bytes);
            last.copy_from_slice(bytes.get(..8).unwrap_or_default());
        }
        len => {
            let whose =
                if is_merchants { "the merchant's key, used as none is set," } else { "it" };
            let problem = format!("3DES takes 24 bytes (or 16), and {whose} has {len}");
            return Err(SettingsError::new(KEY, problem));
        }
    }
    Ok(key)
}
