//! What a letter is to another: the circular that it corrects, completes or withdraws; and whether it is marked confidential.

use super::{Found, Letter, ReferenceKey, formulas::is_confidential};

impl Letter {
    /// The key of the circular that this letter supplements, where it names one. Such a letter need not name addressees: it goes
    /// to its parent's.
    pub fn parent(&self) -> Option<&ReferenceKey> {
        self.supplement.as_ref()?.parent.as_ref()
    }

    /// The mark "Confidential", in any of the six languages, that stands on a line of its own in the printed head.
    pub fn confidential(&self) -> Option<&Found<String>> {
        self.letterhead.iter().chain(&self.remarks).find(|line| is_confidential(&line.value))
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;

    fn letter(text: &str) -> super::Letter {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).expect("a day");
        read("x.txt", text.as_bytes(), today)
    }

    #[test]
    fn a_supplement_that_names_its_parent_needs_no_addressees_and_any_other_letter_does() {
        let text = |reference: &str| format!("Ref.: {reference}\n\nSubject: Dates\n\nDear Sir,\n\nThe dates change.\n");
        let missing = |reference: &str| {
            let found = letter(&text(reference));
            (found.parent().map(ToString::to_string), found.problems.iter().any(|p| p.message.contains("no To")))
        };
        assert_eq!(missing("Corrigendum 1 to Circular BDT/9"), (Some("bdt/9".to_owned()), false));
        assert_eq!(missing("Circular BDT/9, Addendum 2"), (Some("bdt/9".to_owned()), false));
        assert_eq!(missing("Withdrawal of Circular BDT/9"), (Some("bdt/9".to_owned()), false));
        assert_eq!(missing("Circular BDT/9"), (None, true));
    }

    #[test]
    fn the_mark_is_known_in_six_languages_and_in_no_sentence() {
        for mark in ["CONFIDENTIAL", "Confidentiel", "Confidencial", "Конфиденциально", "سري", "机密"]
        {
            let text = format!("Ref.: Circular BDT/9\n{mark}\nTo: Academia\nSubject: S\n\nDear Sir,\n\nText.\n");
            assert_eq!(letter(&text).confidential().map(|found| found.line), Some(2), "{mark}");
        }
        let text = "Ref.: Circular BDT/9\nTo: Academia\nSubject: World Day\nConfidential\n\nDear Sir,\n";
        assert_eq!(letter(text).confidential().map(|found| found.line), Some(4), "it is no part of the subject");
        assert_eq!(letter(text).subject.map(|found| found.value).as_deref(), Some("World Day"));
        let text = "Ref.: Circular BDT/9\nTo: Academia\nSubject: Confidential data\n\nDear Sir,\n\nConfidential\n";
        assert!(letter(text).confidential().is_none());
    }
}
