//! The language of a letter or an addressee: a BCP 47 primary subtag.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A primary language subtag in lower case: `en`, `fr`, `ar`, … (RFC 5646 §2.2.1: two or three letters).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 3]);

impl Language {
    /// Arabic
    pub const AR: Self = Self(*b"ar\0");
    /// English
    pub const EN: Self = Self(*b"en\0");
    /// Spanish
    pub const ES: Self = Self(*b"es\0");
    /// French
    pub const FR: Self = Self(*b"fr\0");
    /// Russian
    pub const RU: Self = Self(*b"ru\0");
    /// Chinese
    pub const ZH: Self = Self(*b"zh\0");
    /// The six languages whose letters are understood without a head, in the order of their English names.
    pub const OFFICIAL: [Self; 6] = [Self::AR, Self::ZH, Self::EN, Self::FR, Self::RU, Self::ES];

    /// The subtag, `fr`.
    pub fn code(&self) -> &str {
        let length = if self.0[2] == 0 { 2 } else { 3 };
        std::str::from_utf8(&self.0[..length]).unwrap_or("en")
    }

    /// `rtl` or `ltr`, for HTML's `dir`.
    pub fn direction(&self) -> &'static str {
        match self.code() {
            "ar" | "he" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" | "ckb" => "rtl",
            _ => "ltr",
        }
    }

    /// Reads what people write in a language column: `fr`, `fr-CH`, `French`, `français`, ITU's one-letter marks `F`.
    pub fn from_name(name: &str) -> Option<Self> {
        let folded = name.trim().to_lowercase();
        Some(match folded.as_str() {
            "e" | "english" | "anglais" | "inglés" | "ingles" | "английский" | "الإنجليزية" | "英文" | "英语" => {
                Self::EN
            }
            "f"
            | "french"
            | "français"
            | "francais"
            | "francés"
            | "frances"
            | "французский"
            | "الفرنسية"
            | "法文"
            | "法语" => Self::FR,
            "s" | "spanish" | "español" | "espanol" | "espagnol" | "испанский" | "الإسبانية" | "西班牙文"
            | "西班牙语" => Self::ES,
            "r" | "russian" | "русский" | "russe" | "ruso" | "الروسية" | "俄文" | "俄语" => Self::RU,
            "a" | "arabic" | "العربية" | "arabe" | "árabe" | "арабский" | "阿拉伯文" | "阿拉伯语" => {
                Self::AR
            }
            "c" | "chinese" | "中文" | "汉语" | "chinois" | "chino" | "китайский" | "الصينية" => {
                Self::ZH
            }
            _ => return folded.parse().ok(),
        })
    }
}

/// Not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a language code; write two letters such as en, fr, es, ru, ar or zh")]
pub struct NotALanguage(pub String);

impl FromStr for Language {
    type Err = NotALanguage;

    /// Takes `fr` and `fr-CH`, in any case; region and script are dropped.
    fn from_str(tag: &str) -> Result<Self, NotALanguage> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match *primary.as_bytes() {
            [a, b] if primary.bytes().all(|c| c.is_ascii_lowercase()) => Ok(Self([a, b, 0])),
            [a, b, c] if primary.bytes().all(|c| c.is_ascii_lowercase()) => Ok(Self([a, b, c])),
            _ => Err(NotALanguage(tag.to_owned())),
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_marks_and_names_are_one_language() {
        for written in ["fr", "FR", "fr-CH", "F", "French", "français"] {
            assert_eq!(Language::from_name(written), Some(Language::FR), "{written}");
        }
        assert_eq!(Language::from_name("deutsch"), None);
        assert_eq!(Language::from_name("pt").map(|l| l.code().to_owned()), Some("pt".to_owned()));
        assert_eq!(Language::AR.direction(), "rtl");
        assert_eq!(Language::EN.direction(), "ltr");
    }
}
