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
        }
    };
}

pub(crate) use dictionary;
