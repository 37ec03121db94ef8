//! The OpenAPI 3.1 document, made of the table of routes and of the schemas: what is not in them is not served, and what is
//! served is in them.

use std::sync::LazyLock;

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    routes::{API, Answer, ApiRoute},
    schemas::schemas,
    signed::LONGEST_KEY,
};
use crate::web::{access::Least, routes::Verb};

static DOCUMENT: LazyLock<String> = LazyLock::new(|| document().to_string());

/// `GET /api/v1/openapi.json`
pub async fn serve() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}

/// The whole document.
pub fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in API {
        let path = paths.entry(route.route.path).or_insert_with(|| json!({}));
        let verb = match route.route.verb {
            Verb::Get => "get",
            Verb::Post => "post",
        };
        path[verb] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "circulard",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Who got this circular, and what became of it",
            "description": "Names are those of the command line's `--format json`. Lists come a page at a time: give \
                            `next` back as `after`. Times are RFC 3339 with offset.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "parameters": { "IdempotencyKey": idempotency_key() },
            "schemas": schemas(),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer",
                "description": "`circulard web token` makes one; its role stands in the configuration." } },
        },
    })
}

fn operation(route: &ApiRoute) -> Value {
    let mut parameters: Vec<Value> = names_in(route.route.path).map(path_parameter).collect();
    parameters.extend(route.parameters.iter().map(|parameter| parameter.documented()));
    let mut operation = json!({ "operationId": route.name, "summary": route.summary, "responses": answers(route) });
    match route.route.least {
        Least::Anyone => operation["security"] = json!([]),
        Least::Role(role) => {
            operation["security"] = json!([{ "token": [] }]);
            operation["description"] = json!(format!("Needs the role `{role}`."));
        }
    }
    if let Some(body) = route.body {
        parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": {
            "schema": reference(body), "example": example(body) } } });
    }
    operation["parameters"] = json!(parameters);
    operation
}

fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key", "in": "header", "required": false,
        "description": "A new one for each act. Asked again with the same key and body, it is not done again: the answer is \
                        what came of it. The same key for something else is 409. Known for a week.",
        "schema": { "type": "string", "pattern": format!("^[!#-~]{{1,{LONGEST_KEY}}}$") },
    })
}

/// Names in braces.
fn names_in(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    let (schema, about, example) = match name {
        "id" => (json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }), "Its number.", json!(1)),
        "address" => (
            json!({ "type": "string", "format": "email" }),
            "A mailbox, in any case.",
            json!("registry@ministry.example"),
        ),
        _ => (json!({ "type": "string", "minLength": 1 }), "The group's name.", json!("administrations")),
    };
    json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema, "example": example })
}

/// What the body of an act may say.
fn example(body: &str) -> Value {
    let mut said = json!({ "reason": "the annex is wrong", "by": "Ada Okafor" });
    let more = match body {
        "ResendOrder" => json!({ "only": "refused" }),
        "SettleOrder" => json!({ "address": "registry@ministry.example", "known": "accepted" }),
        "AcceptOrder" => json!({ "version": 2 }),
        "TestOrder" => return json!({ "to": "ada.okafor@house.example" }),
        _ => json!({}),
    };
    for (name, value) in more.as_object().into_iter().flatten() {
        said[name] = value.clone();
    }
    said
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

fn answers(route: &ApiRoute) -> Value {
    let content = |kind: &str, schema: Value| json!({ kind: { "schema": schema } });
    let mut answers = Map::new();
    let good = match route.answer {
        Answer::Json(schema) => content("application/json", reference(schema)),
        Answer::Order => content("application/json", reference("Ordered")),
        Answer::Events => content("text/event-stream", event()),
        Answer::Text => content("text/plain", json!({ "type": "string" })),
        Answer::Document => content("application/json", json!({ "type": "object" })),
    };
    answers.insert("200".to_owned(), json!({ "description": "As asked.", "content": good }));
    if route.body.is_some() {
        let waits = "It stands; there is no answer yet. Ask again with the same key.";
        answers.insert("202".to_owned(), json!({ "description": waits, "content": good }));
    }
    for (status, about) in failures(route) {
        let problem = content("application/problem+json", reference("Problem"));
        answers.insert(status.to_owned(), json!({ "description": about, "content": problem }));
    }
    Value::Object(answers)
}

/// One event of a stream, as OpenAPI describes them: its fields, and in `data` a text that is JSON.
fn event() -> Value {
    let moving = json!({ "type": "array", "items": reference("Moving") });
    json!({ "type": "object", "required": ["data"], "properties": {
        "data": { "type": "string", "contentMediaType": "application/json", "contentSchema": moving },
    } })
}

/// The problems that a route may answer with.
fn failures(route: &ApiRoute) -> Vec<(&'static str, &'static str)> {
    let has_path = route.route.path.contains('{');
    let mut found = vec![
        ("400", "What is asked cannot be understood."),
        ("405", "Another method is asked for."),
        ("421", "The Host is not one of ours."),
        ("429", "Too many requests from one machine."),
        ("500", "The ledger could not be read; the log says why."),
        ("503", "Not just now."),
    ];
    if route.is_guarded() {
        found.extend([("401", "No token, or one that is not good any more."), ("403", "The role is not enough.")]);
    }
    if has_path || route.parameters.iter().any(|parameter| parameter.name == "reference") {
        found.push(("404", "There is no such thing."));
    }
    if route.body.is_some() {
        found.extend([
            ("408", "The body took too long on its way."),
            ("409", "It cannot be done as things stand, and why; or the key was used for something else."),
            ("413", "The body is too long."),
            ("415", "The body is no JSON."),
            ("422", "The body is not what the act asks for."),
        ]);
    }
    found.sort_unstable();
    found
}
