//! Which files of `recipients/` are lists, by their names alone.

use super::group_name::GroupName;

/// What a file in the folder of lists is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListFile {
    /// A list: the group it is.
    List(GroupName),
    /// Meant as a list, and not to be read as one: why, and how to mend it.
    Refused(String),
    /// Something else, such as `groups.toml`.
    Other,
}

/// Endings of lists.
const READ: [&str; 2] = ["csv", "xlsx"];
/// Endings of what people take for a list. Each has a way to become one.
const TABLES: [&str; 12] = ["xls", "xlsm", "xlsb", "xltx", "ods", "numbers", "tsv", "tab", "txt", "vcf", "doc", "docx"];

impl ListFile {
    /// Looks at a name such as `sector-members.csv`. The ending may be in capitals, as old programs write it.
    pub fn of(name: &str) -> Self {
        let Some((stem, ending)) = name.rsplit_once('.') else { return Self::Other };
        let ending = ending.to_lowercase();
        if TABLES.contains(&ending.as_str()) {
            return Self::Refused(format!("a list is not read from .{ending}; save it as .xlsx or as \"CSV UTF-8\""));
        }
        if !READ.contains(&ending.as_str()) {
            return Self::Other;
        }
        GroupName::new(stem).map_or_else(
            || {
                Self::Refused(format!(
                    "\"{stem}\" cannot be the name of a group; name the file with lower-case letters, digits, - and _, such \
                     as sector-members.{ending}"
                ))
            },
            Self::List,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_told_from_what_is_meant_as_one_and_from_the_rest() {
        let list = |name: &str| GroupName::new(name).map(ListFile::List);
        assert_eq!(Some(ListFile::of("sector-members.csv")), list("sector-members"));
        assert_eq!(Some(ListFile::of("academia.XLSX")), list("academia"));
        assert_eq!(Some(ListFile::of("academia.CSV")), list("academia"));
        for (name, wanted) in [
            ("Members.csv", "\"Members\" cannot be"),
            ("a.b.csv", "\"a.b\" cannot be"),
            ("members.xls", "not read from .xls"),
            ("members.ods", "save it as .xlsx"),
            ("members.tsv", "\"CSV UTF-8\""),
        ] {
            assert!(matches!(ListFile::of(name), ListFile::Refused(why) if why.contains(wanted)), "{name}");
        }
        for name in ["groups.toml", "README.md", "README", "notes.pdf"] {
            assert_eq!(ListFile::of(name), ListFile::Other, "{name}");
        }
    }
}
