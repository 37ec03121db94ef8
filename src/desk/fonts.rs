//! The fonts that a PDF is set in: those installed on this machine, sans-serif, in regular and bold.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where systems keep fonts for everybody.
const FOLDERS: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];
/// Beginnings of the file names of families that together cover the world's scripts.
const FAMILIES: [&str; 5] = ["NotoSans", "NotoNaskhArabic", "NotoKufiArabic", "DejaVuSans", "LiberationSans"];
/// Folders within folders that are looked into.
const DEEPEST: usize = 4;

/// Contents of the font files. Unreadable ones are left out: if one is missed, setting the text says so.
pub(super) fn installed() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    FOLDERS.iter().for_each(|folder| collect(Path::new(folder), DEEPEST, &mut files));
    // the same fonts in the same order give the same octets
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

fn collect(folder: &Path, deepest: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if deepest > 0 {
                collect(&path, deepest - 1, files);
            }
        } else if path.file_name().and_then(|name| name.to_str()).is_some_and(is_wanted) {
            files.push(path);
        }
    }
}

/// `NotoSansArabic-Bold.ttf`, `NotoSansCJK-Regular.ttc`, `DejaVuSans.ttf`
fn is_wanted(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let (family, style) = stem.rsplit_once('-').unwrap_or((stem, "Regular"));
    matches!(ending, "ttf" | "otf" | "ttc")
        && matches!(style, "Regular" | "Bold")
        && FAMILIES.iter().any(|wanted| family.starts_with(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_and_bold_of_wide_families_are_wanted() {
        for (name, wanted) in [
            ("NotoSans-Regular.ttf", true),
            ("NotoSansArabic-Bold.ttf", true),
            ("NotoSansCJK-Regular.ttc", true),
            ("DejaVuSans.ttf", true),
            ("DejaVuSansMono-Bold.ttf", true),
            ("NotoSans-Italic.ttf", false),
            ("NotoSerif-Regular.ttf", false),
            ("NotoSans-Regular.woff2", false),
            ("NotoSans", false),
        ] {
            assert_eq!(is_wanted(name), wanted, "{name}");
        }
    }
}
