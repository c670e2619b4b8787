//! Makes a body fit for the journal (I17).
//!
//! Works on text rather than on a tree, so that a body which cannot be parsed is kept as faithfully
//! as one that can. A JSON name is unescaped before it is compared. Beyond the fields that are
//! known to hold a customer's code, whatever looks like one is masked wherever it stands.

use crate::payment::{Channel, CodeKind, CodeRules};
use crate::secret::Secret;

/// The most bytes that are kept of a body.
pub const REDACTED_LEN_MAX: usize = 4096;

/// How much of a body is looked at; masking shortens it, seldom by much.
const READ_LEN_MAX: usize = 4 * REDACTED_LEN_MAX;

/// Names whose values are customers' codes: masked but for their ends.
const CODES: [&str; 1] = ["dynamic_id"];

/// Names whose values are secrets.
const SECRETS: [&str; 7] =
    ["sign", "key", "password", "paysign", "terminal_key", "terminal_secret", "authorization"];

enum Mask {
    Code,
    Secret,
}

fn mask_for(name: &str) -> Option<Mask> {
    let name = name.to_ascii_lowercase();
    if CODES.contains(&name.as_str()) {
        Some(Mask::Code)
    } else if SECRETS.contains(&name.as_str()) {
        Some(Mask::Secret)
    } else {
        None
    }
}

/// The body as text: masked, then cut.
pub(super) fn redact(raw: &[u8], keys: &[Secret]) -> String {
    let raw = raw.get(..READ_LEN_MAX).unwrap_or(raw);
    let mut text = String::from_utf8_lossy(raw).into_owned();
    for key in keys.iter().filter(|key| !key.expose().is_empty()) {
        text = text.replace(key.expose(), "***");
    }
    cut(without_codes(&masked(&text)))
}

/// The text with every run of digits masked that a wallet's rule takes for a payment code.
pub(super) fn without_codes(text: &str) -> String {
    let rules = CodeRules::default();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, here) = rest.split_at(at);
        let end = here.find(|c: char| !c.is_ascii_digit()).unwrap_or(here.len());
        let (run, after) = here.split_at(end);
        out.push_str(before);
        match rules.parse(run, CodeKind::Barcode) {
            Ok(code) if !matches!(code.channel(), Channel::Unknown(_)) => {
                out.push_str(&code.masked());
            }
            Ok(_) | Err(_) => out.push_str(run),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn cut(mut text: String) -> String {
    if text.len() > REDACTED_LEN_MAX {
        let mut end = REDACTED_LEN_MAX - '…'.len_utf8();
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '<']) {
        let (before, here) = rest.split_at(at);
        out.push_str(before);
        let (shown, value, mask) = if here.starts_with('"') { json_name(here) } else { tag(here) };
        let (shown, tail) = here.split_at(shown);
        let (value, tail) = tail.split_at(value);
        out.push_str(shown);
        match mask {
            Some(Mask::Code) => out.push_str(&masked_code(value)),
            Some(Mask::Secret) if value.is_empty() => {}
            Some(Mask::Secret) => out.push_str("\"***\""),
            None => out.push_str(value),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// At a quote: the length of the string, with the colon behind it if its name is to be masked, and
/// the length of the value that follows.
fn json_name(here: &str) -> (usize, usize, Option<Mask>) {
    let end = string_len(here);
    let name: String =
        here.get(..end).and_then(|quoted| serde_json::from_str(quoted).ok()).unwrap_or_default();
    let after = here.get(end..).unwrap_or("");
    let colon = after.trim_start();
    let (Some(mask), Some(value)) = (mask_for(&name), colon.strip_prefix(':')) else {
        return (end, 0, None);
    };
    let value = value.trim_start();
    let len = if value.starts_with('"') {
        string_len(value)
    } else {
        value.find([',', '}', ']', '\n']).unwrap_or(value.len())
    };
    (here.len() - value.len(), len, Some(mask))
}

/// The length of the JSON string that begins here, to the end of the text if it does not end.
fn string_len(here: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in here.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    here.len()
}

/// At a `<`: the length of the tag, and that of the content of an element which is to be masked.
fn tag(here: &str) -> (usize, usize, Option<Mask>) {
    let end = here.find('>').map_or(here.len(), |at| at + 1);
    let inside = here.get(1..end).unwrap_or("").trim_end_matches('>');
    let name = inside.split([' ', '\t', '\r', '\n', '/']).next().unwrap_or("");
    let Some(mask) = mask_for(name).filter(|_| !inside.ends_with('/')) else {
        return (end, 0, None);
    };
    let content = here.get(end..).unwrap_or("");
    let closing = format!("</{name}");
    (end, content.find(&closing).unwrap_or(content.len()), Some(mask))
}

/// The first two and the last four of what a code consists of; all of it if that is too little to
/// hide behind.
fn masked_code(value: &str) -> String {
    let bare = value.trim().trim_matches('"');
    let bare = bare.strip_prefix("<![CDATA[").unwrap_or(bare);
    let bare = bare.strip_suffix("]]>").unwrap_or(bare);
    let quote = if value.trim_start().starts_with('"') { "\"" } else { "" };
    if bare.is_empty() {
        return value.to_owned();
    }
    let ends = bare.get(..2).zip(bare.len().checked_sub(4).and_then(|at| bare.get(at..)));
    match ends {
        Some((start, end)) if bare.len() >= 12 => format!("{quote}{start}****{end}{quote}"),
        _ => format!("{quote}****{quote}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(raw: &str) -> String {
        redact(raw.as_bytes(), &[Secret::new("k3y-of-merchant".to_owned())])
    }

    #[test]
    fn i17_codes_are_masked_in_whatever_form_they_come() {
        for (raw, kept) in [
            (r#"{"dynamic_id":"284214903060794755"}"#, r#"{"dynamic_id":"28****4755"}"#),
            (r#"{"DYNAMIC_ID" : "a1b2c3d4e5f6g7"}"#, r#"{"DYNAMIC_ID" : "a1****f6g7"}"#),
            (r#"{"DYNAMIC_ID":284214903060794755,"a":1}"#, r#"{"DYNAMIC_ID":28****4755,"a":1}"#),
            (r#"{"dyn\u0061mic_id":"shortcode"}"#, r#"{"dyn\u0061mic_id":"****"}"#),
            (r#"{"DYNAMIC_ID":"28421490306079"#, r#"{"DYNAMIC_ID":"28****6079""#),
            ("<DYNAMIC_ID>a1b2c3d4e5f6g7</DYNAMIC_ID>", "<DYNAMIC_ID>a1****f6g7</DYNAMIC_ID>"),
            (
                "<DYNAMIC_ID><![CDATA[a1b2c3d4e5f6g7]]></DYNAMIC_ID>",
                "<DYNAMIC_ID>a1****f6g7</DYNAMIC_ID>",
            ),
            ("<DYNAMIC_ID>a1b2c3d4e5f6g7", "<DYNAMIC_ID>a1****f6g7"),
            (r#"{"INFO":"no code 130730865806264036"}"#, r#"{"INFO":"no code 13****4036"}"#),
        ] {
            assert_eq!(shown(raw), kept);
        }
    }

    #[test]
    fn i17_keys_and_signs_are_masked() {
        for (raw, kept) in [
            (r#"{"sign":"abc","x":"k3y-of-merchant"}"#, r#"{"sign":"***","x":"***"}"#),
            (r#"{"terminal_key": "abc"}"#, r#"{"terminal_key": "***"}"#),
            ("<sign>abc</sign><a/>", "<sign>\"***\"</sign><a/>"),
        ] {
            assert_eq!(shown(raw), kept);
        }
    }

    #[test]
    fn what_is_no_secret_is_kept() {
        for raw in [
            r#"{"dynamic_ID_TYPE_STR":"","CHARGE_CODE":"20150324001069125999"}"#,
            r#"{"sn":"7894259244067349","trade_no":"1006101016201512081965934048"}"#,
            "<A><BAR_CODE>weixin://wxpay/bizpayurl?pr=59tFp8e</BAR_CODE></A>",
            "captive portal",
        ] {
            assert_eq!(shown(raw), raw);
        }
    }

    #[test]
    fn i15_what_is_kept_is_bounded() {
        let long = redact(&vec![b'"'; 1_000_000], &[]);
        assert!(long.len() <= REDACTED_LEN_MAX && long.ends_with('…'), "{}", long.len());
        assert!(redact(&[0xFF; 100_000], &[]).len() <= REDACTED_LEN_MAX);
    }

    proptest! {
        #[test]
        fn i15_no_body_panics(raw in prop::collection::vec(any::<u8>(), 0..2000)) {
            prop_assert!(redact(&raw, &[]).len() <= REDACTED_LEN_MAX);
        }

        #[test]
        fn i17_a_code_is_never_kept_whole(
            before in r#"[ -~]{0,40}"#, after in r#"[^0-9]{0,40}"#, code in "13[0-9]{16}",
        ) {
            let raw = format!("{before} {code}{after}");
            prop_assert!(!shown(&raw).contains(&code));
        }
    }
}
