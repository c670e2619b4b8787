//! How dictionaries are written: total enums that keep the text of a value they do not have.

/// Declares a dictionary of a gateway: an enum with one variant per documented value and one that
/// keeps an unknown value as it came. Reading is exact; the first text of a variant is the one that
/// is written, the others are spellings that mean the same.
macro_rules! dictionary {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal
        $(| $also:literal)*),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A value that the documents do not have, as it came.
            Unknown(String),
        }

        impl $name {
            /// Every documented value, with its text on the wire.
            pub const DOCUMENTED: &'static [(&'static str, $name)] =
                &[$(($text, $name::$variant)),+];

            /// Reads a value of the wire.
            pub fn read(text: &str) -> $name {
                match text {
                    $($text $(| $also)* => $name::$variant,)+
                    other => $name::Unknown(other.to_owned()),
                }
            }

            /// The text on the wire.
            pub fn text(&self) -> &str {
                match self {
                    $($name::$variant => $text,)+
                    $name::Unknown(text) => text,
                }
            }

            /// The name in JSON and for the tables of words: `alipay_balance`, or `unknown`. Kept
            /// for ever.
            pub fn name(&self) -> String {
                $crate::gateway::dictionary::snake(match self {
                    $($name::$variant => stringify!($variant),)+
                    $name::Unknown(_) => "Unknown",
                })
            }
        }
    };
}

pub(crate) use dictionary;

/// `AlipayBalance` as `alipay_balance`.
pub(crate) fn snake(camel: &str) -> String {
    let mut name = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    dictionary! {
        /// Two words.
        Word {
            /// The first, in two spellings.
            One = "ONE" | "UNO",
            /// The second.
            Two = "TWO",
        }
    }

    #[test]
    fn documented_texts_are_read_exactly_and_others_are_kept() {
        for (text, word) in Word::DOCUMENTED {
            assert_eq!((&Word::read(text), word.text()), (word, *text));
        }
        assert_eq!(Word::One.name(), "one");
        assert_eq!(Word::read("else").name(), "unknown");
        assert_eq!(super::snake("AlipayBalance"), "alipay_balance");
        assert_eq!(Word::read("UNO"), Word::One);
        for text in ["one", " ONE", "ONE ", "", "TWO1"] {
            assert_eq!(Word::read(text), Word::Unknown(text.to_owned()));
            assert_eq!(Word::read(text).text(), text);
        }
    }
}
