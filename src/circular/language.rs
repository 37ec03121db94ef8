//! The language of a letter or an addressee: a BCP 47 primary subtag.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// ISO 639-1, all codes: `bdt-112.v2.md` has no language, `bdt-112.pt.md` has; a slip such as `xx` would go out as a language.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy \
    da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik \
    io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt \
    my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so \
    sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// A primary language subtag in lower case: `en`, `fr`, `ar`, …, of ISO 639-1 (RFC 5646 §2.2.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 2]);

impl Language {
    /// Arabic
    pub const AR: Self = Self(*b"ar");
    /// English
    pub const EN: Self = Self(*b"en");
    /// Spanish
    pub const ES: Self = Self(*b"es");
    /// French
    pub const FR: Self = Self(*b"fr");
    /// Russian
    pub const RU: Self = Self(*b"ru");
    /// Chinese
    pub const ZH: Self = Self(*b"zh");
    /// The six languages whose letters are understood without a head, in the order of their English names.
    pub const OFFICIAL: [Self; 6] = [Self::AR, Self::ZH, Self::EN, Self::FR, Self::RU, Self::ES];

    /// The subtag, `fr`.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("en")
    }

    /// What English calls one of the six, "French"; the code of any other.
    pub fn english_name(&self) -> &str {
        match self.code() {
            "ar" => "Arabic",
            "en" => "English",
            "es" => "Spanish",
            "fr" => "French",
            "ru" => "Russian",
            "zh" => "Chinese",
            other => other,
        }
    }

    /// `rtl` or `ltr`, for HTML's `dir`.
    pub fn direction(&self) -> &'static str {
        match self.code() {
            "ar" | "he" | "fa" | "ur" | "ps" | "sd" | "ug" | "yi" | "dv" => "rtl",
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
            [a, b] if LANGUAGES.split_whitespace().any(|known| known == primary) => Ok(Self([a, b])),
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
    fn two_letters_that_are_no_language_are_refused() {
        for written in ["xx", "zz", "qq-CH", "klingon", "eng", "", "é"] {
            assert!(written.parse::<Language>().is_err(), "{written}");
            assert_eq!(Language::from_name(written), None, "{written}");
        }
        assert!(LANGUAGES.split_whitespace().all(|code| code.parse::<Language>().is_ok()));
    }

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
