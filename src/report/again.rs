//! What to do about an address that was refused: one sentence, wherever it is said.

/// How a corrected address gets the letter, and how the same one is tried again. `reference` is the circular's.
pub fn send_once_mended(reference: &str) -> String {
    format!(
        "If the address is wrong, correct it in the list, then `circulard resend \"{reference}\" --new` sends the letter to the \
         new one; if it is right, once the cause is mended, `circulard resend \"{reference}\" --only refused` tries it again."
    )
}
