//! AUTH (RFC 4954): PLAIN (RFC 4616), else LOGIN, by lettre.
//!
//! Refused: a password on a connection that others can read, unless the relay is this machine (RFC 4954 §4). The
//! password is in no error: a relay that repeats it in its reply is not quoted.

use lettre::transport::smtp::{
    authentication::{Credentials, Mechanism},
    client::AsyncSmtpConnection,
    commands::Auth,
};
use secrecy::{ExposeSecret, SecretString};

use super::{Offers, greeting::exactly, tap::Tap};
use crate::delivery::{Reply, Trouble};

/// The mechanism to use.
pub(super) fn mechanism(offers: &Offers) -> Result<Mechanism, Trouble> {
    let offered = |name: &str| offers.mechanisms.iter().any(|mechanism| mechanism == name);
    match (offered("PLAIN"), offered("LOGIN")) {
        (true, _) => Ok(Mechanism::Plain),
        (_, true) => Ok(Mechanism::Login),
        _ if offers.mechanisms.is_empty() => {
            Err(Trouble::Protocol("the relay offers no AUTH here, and a user is configured".to_owned()))
        }
        _ => Err(Trouble::Protocol(format!(
            "the relay offers AUTH {}; PLAIN or LOGIN is needed",
            offers.mechanisms.join(" ")
        ))),
    }
}

/// Logs in; exactly 235 counts.
pub(super) async fn log_in(
    connection: &mut AsyncSmtpConnection,
    tap: &Tap,
    offers: &Offers,
    user: &str,
    password: &SecretString,
) -> Result<(), Trouble> {
    let mechanism = mechanism(offers)?;
    let credentials = Credentials::new(user.to_owned(), password.expose_secret().to_owned());
    tap.begin();
    let answer = match connection.auth(&[mechanism], &credentials).await {
        Ok(_) => tap.take_last(),
        Err(error) if error.status().is_some() => tap.take_last(),
        // The last words may be about the QUIT that followed.
        Err(error) => {
            Err(tap.take_trouble().unwrap_or_else(|| Trouble::Protocol(format!("AUTH {mechanism}: {error}"))))
        }
    };
    let secrets = secret_forms(&credentials, password.expose_secret());
    let judged = answer.and_then(|reply| exactly(discreet(reply, &secrets), &[235], "AUTH"));
    judged.map(|_| ()).map_err(|trouble| match trouble {
        Trouble::Protocol(text) if says_any(&text, &secrets) => Trouble::Protocol("AUTH: reply withheld".to_owned()),
        other => other,
    })
}

/// The password as it may appear on the wire.
fn secret_forms(credentials: &Credentials, password: &str) -> Vec<String> {
    let plain = Auth::new(Mechanism::Plain, credentials.clone(), None);
    let login = Auth::new(Mechanism::Login, credentials.clone(), Some("Password:".to_owned()));
    let encoded = [plain, login].into_iter().flatten();
    let encoded = encoded.filter_map(|auth| auth.to_string().split_whitespace().last().map(str::to_owned));
    encoded.chain([password.to_owned()]).filter(|form| !form.is_empty()).collect()
}

fn says_any(text: &str, secrets: &[String]) -> bool {
    secrets.iter().any(|secret| text.contains(secret.as_str()))
}

/// The reply without its text, if that has the password in it.
fn discreet(reply: Reply, secrets: &[String]) -> Reply {
    if !says_any(&reply.text, secrets) {
        return reply;
    }
    Reply { text: "(text withheld: it repeats the password)".to_owned(), ..reply }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_preferred_to_login_and_nothing_else_is_used() {
        let offers =
            |list: &[&str]| Offers { mechanisms: list.iter().map(ToString::to_string).collect(), ..Offers::default() };
        assert_eq!(mechanism(&offers(&["LOGIN", "PLAIN"])), Ok(Mechanism::Plain));
        assert_eq!(mechanism(&offers(&["CRAM-MD5", "LOGIN"])), Ok(Mechanism::Login));
        let refused = mechanism(&offers(&["CRAM-MD5", "GSSAPI"])).expect_err("no mechanism");
        assert!(refused.to_string().contains("AUTH CRAM-MD5 GSSAPI"), "{refused}");
        assert!(mechanism(&offers(&[])).is_err());
    }

    #[test]
    fn a_reply_that_repeats_the_password_in_any_form_is_not_quoted() {
        let credentials = Credentials::new("user".into(), "hunter2!".into());
        let secrets = secret_forms(&credentials, "hunter2!");
        assert_eq!(secrets, ["AHVzZXIAaHVudGVyMiE=", "aHVudGVyMiE=", "hunter2!"]);
        for secret in &secrets {
            let code = crate::delivery::ReplyCode::new(535).expect("a code");
            let reply = discreet(Reply::new(code, &[&format!("5.7.8 no: {secret}")]), &secrets);
            assert!(!reply.to_string().contains(secret.as_str()));
            assert_eq!(reply.code, code);
        }
    }
}
