//! SOSOPAY's sign, written from JSON zh "签名计算" and XML v1 §1 alone.
//!
//! `sign = hex(MD5(timestamp + key + content)) + ":" + timestamp`. The content is the body without
//! its spaces and line breaks (JSON), the body as it is (XML), or `chargeCode=…&busiCode=…`
//! (cancelTrade).

use md5::{Digest, Md5};

/// Why a sign was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignFault {
    Missing,
    Malformed,
    TooOld,
    Wrong,
}

impl SignFault {
    /// What INFO says of it.
    pub fn info(self) -> &'static str {
        match self {
            Self::Missing => "签名错误: 缺少sign",
            Self::Malformed => "签名错误: sign格式应为MD5:timestamp",
            Self::TooOld => "签名错误: timestamp与服务器时间相差过大",
            Self::Wrong => "签名错误",
        }
    }
}

/// Lower-case hex of the MD5 of the parts in a row.
pub(crate) fn md5_hex(parts: &[&[u8]]) -> String {
    let mut digest = Md5::new();
    for part in parts {
        digest.update(part);
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// A body without spaces and line breaks, as the JSON editions sign it.
pub(crate) fn without_blanks(body: &[u8]) -> Vec<u8> {
    body.iter().copied().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).collect()
}

/// Checks a sign over content, with the wall clock the gateway believes in.
pub(crate) fn verify(
    sign: Option<&str>,
    key: &str,
    content: &[u8],
    wall_s: i64,
    tolerance_s: u32,
) -> Result<(), SignFault> {
    let sign = sign.ok_or(SignFault::Missing)?;
    let (digest, timestamp) = sign.split_once(':').ok_or(SignFault::Malformed)?;
    let shaped = digest.len() == 32
        && digest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && !timestamp.is_empty()
        && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let at: i64 = timestamp.parse().map_err(|_| SignFault::Malformed)?;
    if !shaped {
        return Err(SignFault::Malformed);
    }
    if md5_hex(&[timestamp.as_bytes(), key.as_bytes(), content]) != digest {
        return Err(SignFault::Wrong);
    }
    if wall_s.abs_diff(at) > u64::from(tolerance_s) {
        return Err(SignFault::TooOld);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed apart from this code: printf '%s' '1473431447key{"A":"1"}' | md5sum
    const SAMPLE: &str = "3ff9621f76caf23c5f7feef9f3c8cff3";

    #[test]
    fn a_sign_is_checked_over_the_body_without_blanks() {
        let content = without_blanks(b"{ \"A\":\r\n\t\"1\" }");
        assert_eq!(content, br#"{"A":"1"}"#);
        let check = |sign: Option<&str>, wall| verify(sign, "key", &content, wall, 600);
        let good = format!("{SAMPLE}:1473431447");
        assert_eq!(check(Some(&good), 1_473_431_447), Ok(()));
        assert_eq!(check(Some(&good), 1_473_432_047), Ok(()));
        assert_eq!(check(Some(&good), 1_473_432_048), Err(SignFault::TooOld));
        assert_eq!(check(Some(&good.replace(":1", ":2")), 2_473_431_447), Err(SignFault::Wrong));
        assert_eq!(check(None, 0), Err(SignFault::Missing));
        for odd in ["", ":", "x:1", SAMPLE, &good.to_uppercase(), &format!("{SAMPLE}:-1")] {
            assert_eq!(check(Some(odd), 1_473_431_447), Err(SignFault::Malformed), "{odd}");
        }
    }
}
