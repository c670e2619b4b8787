//! `encrypt=3DES`: DESede in ECB (or CBC) with PKCS#7 padding, then BASE64.
//!
//! The documents name the algorithm and BASE64 only (JSON zh "报文加密", table 2.2); mode, padding and
//! key follow README's decision: what Java's `DESede` defaults to, with the merchant's key of 24
//! bytes, or of 16 used as K1 K2 K1.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use des::TdesEde3;
use ecb::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, block_padding::Pkcs7};

/// A key that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("a 3DES key has 24 bytes, or 16; this one has {0}: give the merchant one that long")]
pub struct CipherError(usize);

/// 3DES with its key and mode.
#[derive(Clone)]
pub(crate) struct Cipher {
    key: [u8; 24],
    iv: Option<[u8; 8]>,
}

impl Cipher {
    pub fn new(key: &[u8], iv: Option<[u8; 8]>) -> Result<Self, CipherError> {
        let key = match key.len() {
            24 => key.to_vec(),
            16 => [key, key.get(..8).unwrap_or_default()].concat(),
            other => return Err(CipherError(other)),
        };
        let key = key.try_into().map_err(|key: Vec<u8>| CipherError(key.len()))?;
        Ok(Self { key, iv })
    }

    /// BASE64 of the encrypted text.
    pub fn seal(&self, plain: &[u8]) -> String {
        // PKCS#7 always adds between one byte and a block of eight.
        let mut buffer = plain.to_vec();
        buffer.resize(plain.len() / 8 * 8 + 8, 0);
        let key = self.key.into();
        let sealed = match self.iv {
            None => ecb::Encryptor::<TdesEde3>::new(&key)
                .encrypt_padded::<Pkcs7>(&mut buffer, plain.len()),
            Some(iv) => cbc::Encryptor::<TdesEde3>::new(&key, &iv.into())
                .encrypt_padded::<Pkcs7>(&mut buffer, plain.len()),
        };
        // The buffer has room for the padding, so this cannot fail; an empty body would be seen.
        sealed.map(|bytes| STANDARD.encode(bytes)).unwrap_or_default()
    }

    /// The plain text of a BASE64 body, or `None` if it was not made with this key.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let lines: Vec<u8> = sealed.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        let mut buffer = STANDARD.decode(lines).ok()?;
        let key = self.key.into();
        let plain = match self.iv {
            None => ecb::Decryptor::<TdesEde3>::new(&key).decrypt_padded::<Pkcs7>(&mut buffer),
            Some(iv) => cbc::Decryptor::<TdesEde3>::new(&key, &iv.into())
                .decrypt_padded::<Pkcs7>(&mut buffer),
        };
        plain.ok().map(<[u8]>::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8; 24] = b"demo-key-for-simulations";

    #[test]
    fn ecb_agrees_with_openssl() {
        // printf 'hello, 达美乐' | openssl enc -des-ede3 -K <hex of KEY> -base64
        let cipher = Cipher::new(KEY, None).unwrap();
        assert_eq!(cipher.seal("hello, 达美乐".as_bytes()), "Y6iHrqJT8SAyj965dYi3Q0hEVsXdyDqg");
        assert_eq!(
            cipher.open(b"Y6iHrqJT8SAyj965dYi3Q0hEVsXdyDqg").unwrap(),
            "hello, 达美乐".as_bytes()
        );
    }

    #[test]
    fn cbc_agrees_with_openssl() {
        // the same with -des-ede3-cbc -iv 0102030405060708
        let cipher = Cipher::new(KEY, Some([1, 2, 3, 4, 5, 6, 7, 8])).unwrap();
        assert_eq!(cipher.seal("hello, 达美乐".as_bytes()), "tRseWKOSW2GhfbV3dCDwWImHGARxEVry");
    }

    #[test]
    fn sixteen_bytes_are_k1_k2_k1_and_other_lengths_are_refused() {
        let short = Cipher::new(b"0123456789abcdef", None).unwrap();
        let long = Cipher::new(b"0123456789abcdef01234567", None).unwrap();
        assert_eq!(short.seal(b"x"), long.seal(b"x"));
        assert!(Cipher::new(b"short", None).is_err());
    }

    #[test]
    fn every_length_comes_back_and_rubbish_does_not() {
        let cipher = Cipher::new(KEY, None).unwrap();
        for length in 0..40 {
            let plain = vec![b'a'; length];
            assert_eq!(cipher.open(cipher.seal(&plain).as_bytes()).unwrap(), plain);
        }
        for rubbish in [&b""[..], b"AAAA", b"not base64!", b"AAAAAAAAAAA="] {
            assert_eq!(cipher.open(rubbish), None);
        }
    }
}
