//! Makes a body fit for the journal (I17).
//!
//! Works on text rather than on a tree, so that a body which cannot be parsed is kept as faithfully
//! as one that can. A JSON name is unescaped before it is compared.

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
    cut(masked(&text))
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
