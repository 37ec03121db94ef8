//! Passwords and tokens: only their hashes are kept (argon2id for what people choose, SHA-256 for what we made).

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2, PasswordHash, PasswordHasher, PasswordVerifier,
    password_hash::{Salt, SaltString},
};
use tokio::sync::Semaphore;

use super::{hex, random, sha256_hex};

/// A hash takes some 20 MB and a good part of a second's work: so many at once, and sending does not notice.
const AT_ONCE: usize = 2;

/// Checks passwords, a few at a time.
#[derive(Debug, Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Checked where there is no such user, so that the time taken does not say which names there are.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password("nobody has this password").unwrap_or_default());

impl Passwords {
    /// Whether `password` is the one that `hash` was made of. `None`: there is no such user.
    pub async fn check(&self, password: String, hash: Option<String>) -> bool {
        let Ok(_turn) = self.0.acquire().await else { return false };
        let work = move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let parsed = PasswordHash::new(&hash);
            let same = parsed.is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            known && same
        };
        tokio::task::spawn_blocking(work).await.unwrap_or(false)
    }
}

/// The hash of a password, as it stands in the configuration.
pub fn hash_password(password: &str) -> Result<String, std::io::Error> {
    let salt: [u8; Salt::RECOMMENDED_LENGTH] = random()?;
    let salt = SaltString::encode_b64(&salt).map_err(not_hashed)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt).map_err(not_hashed)?;
    Ok(hash.to_string())
}

fn not_hashed(error: argon2::password_hash::Error) -> std::io::Error {
    std::io::Error::other(error.to_string())
}

/// Whether a text is a hash that a password can be checked against.
pub fn is_password_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| hash.algorithm == argon2::ARGON2ID_IDENT && hash.hash.is_some())
}

/// A new API token and its SHA-256.
pub fn new_token() -> Result<(String, String), std::io::Error> {
    let token = format!("circulard_{}", hex(&random::<32>()?));
    let hash = sha256_hex(token.as_bytes());
    Ok((token, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_its_own_and_nobody_elses() {
        let (passwords, hash) = (Passwords::default(), hash_password("correct horse").expect("a hash"));
        assert!(is_password_hash(&hash), "{hash}");
        assert_ne!(hash, hash_password("correct horse").expect("a hash"), "salted");
        assert!(passwords.check("correct horse".into(), Some(hash.clone())).await);
        assert!(!passwords.check("correct horsf".into(), Some(hash)).await);
        assert!(!passwords.check("nobody has this password".into(), None).await);
        for other in ["", "secret", "$2y$10$abcdefghijklmnopqrstuv", "$argon2i$v=19$m=16,t=2,p=1$c2FsdHNhbHQ$aGFzaA"] {
            assert!(!is_password_hash(other), "{other}");
        }
    }
}
