//! Parts of JSON files.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

/// A finite number; some programs write it as text.
#[derive(Clone, Copy, Debug)]
pub struct Number(pub f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Finite;
        impl Visitor<'_> for Finite {
            type Value = Number;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("a number")
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                let number = text.trim().parse().ok().filter(|it: &f64| it.is_finite());
                number
                    .map(Number)
                    .ok_or_else(|| E::custom(format!("{text:?} is no number")))
            }
        }
        source.deserialize_any(Finite)
    }
}

/// Reads a key, without a copy where it can.
pub fn string<'de>() -> impl DeserializeSeed<'de, Value = Cow<'de, str>> {
    struct Key;
    impl<'de> DeserializeSeed<'de> for Key {
        type Value = Cow<'de, str>;

        fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
            source.deserialize_str(self)
        }
    }
    impl<'de> Visitor<'de> for Key {
        type Value = Cow<'de, str>;

        fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
            out.write_str("a name")
        }

        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(text.into())
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(text.to_owned().into())
        }
    }
    Key
}

/// Whether the first bytes of a file are JSON that begins so and soon has one of these names.
pub fn begins_with(head: &[u8], opening: char, names: &[&str]) -> bool {
    const HEAD_BYTES: usize = 1 << 16;
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD_BYTES)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with(opening) && names.iter().any(|name| head.contains(name))
}
