//! Enums whose variants have a name.

/// Defines an enum whose variants have a name, which options, files and messages share.
///
/// ```
/// worker_pack_runtime::named! {
///     /// A direction.
///     pub enum Direction {
///         /// Upwards.
///         Up = "up",
///         /// Downwards.
///         Down = "down",
///     }
/// }
///
/// assert_eq!("down".parse(), Ok(Direction::Down));
/// assert_eq!(Direction::ALL.map(Direction::name), ["up", "down"]);
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! named {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        $visibility enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// All variants.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$variant),+];

            /// Returns the variant's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.into_iter().find(|variant| variant.name() == text).ok_or_else(|| {
                    let names = Self::ALL.map(|variant| format!("`{variant}`")).join(", ");
                    format!("`{text}` is not one of {names}")
                })
            }
        }
    };
}

pub(crate) use named;
