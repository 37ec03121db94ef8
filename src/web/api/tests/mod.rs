//! The API as a program meets it.

mod acts;
mod answers;
mod schema;
mod watched;

use serde_json::Value;

use crate::web::{
    access::{Role, new_token},
    tests::{Answer, House},
};

/// A house whose programs have tokens, one a role.
struct Programs {
    house: House,
    tokens: Vec<(Role, String)>,
}

impl Programs {
    async fn new() -> Self {
        let (mut settings, mut tokens) = (String::new(), Vec::new());
        for role in Role::ALL {
            let (token, sha256) = new_token().expect("a token");
            settings += &format!(
                "[[token]]\nname = \"t-{role}\"\nrole = \"{role}\"\nsha256 = \"{sha256}\"\nexpires = \"2027-12-01\"\n"
            );
            tokens.push((role, format!("Bearer {token}")));
        }
        Self { house: House::new(&settings).await, tokens }
    }

    fn token(&self, role: Role) -> &str {
        &self.tokens.iter().find(|(of, _)| *of == role).expect("a token").1
    }

    async fn get(&self, role: Role, path: &str) -> Answer {
        self.house.ask("GET", path, &[("authorization", self.token(role))], "").await
    }

    /// An act with a key.
    async fn post(&self, path: &str, key: &str, body: &str) -> Answer {
        let token = self.token(Role::Releaser);
        let mut headers = vec![("authorization", token), ("content-type", "application/json")];
        headers.extend((!key.is_empty()).then_some(("idempotency-key", key)));
        self.house.ask("POST", path, &headers, body).await
    }
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

/// A failure in the form of RFC 9457.
fn is_problem(answer: &Answer, path: &str) -> Value {
    let problem = json(answer);
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{path}");
    schema::check("Problem", &problem);
    assert_eq!(problem["status"], answer.status.as_u16(), "{path}");
    assert_eq!(problem["instance"].as_str(), path.split('?').next(), "{path}");
    problem
}
