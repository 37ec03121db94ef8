//! Holds values against our schemas: the words of JSON Schema that they use, and a refusal of any other.

use serde_json::Value;

use crate::web::api::schemas::schemas;

/// Panics where a value is not as the schema of a name says.
pub fn check(name: &str, value: &Value) {
    let all = schemas();
    let schema = all.get(name).unwrap_or_else(|| panic!("there is no schema {name}"));
    if let Err(why) = holds(&all, schema, value, name) {
        panic!("{why}\n{value:#}");
    }
}

const KNOWN: [&str; 15] = [
    "type",
    "enum",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "anyOf",
    "$ref",
    "format",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "description",
];

fn holds(all: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let words = schema.as_object().expect("a schema");
    if let Some(unknown) = words.keys().find(|word| !KNOWN.contains(&word.as_str()) && *word != "default") {
        return Err(format!("{at}: the test does not know \"{unknown}\""));
    }
    if let Some(name) = words.get("$ref").and_then(|name| name.as_str()?.rsplit('/').next()) {
        return holds(all, all.get(name).ok_or(format!("{at}: no schema {name}"))?, value, at);
    }
    if let Some(any) = words.get("anyOf").and_then(Value::as_array) {
        let all_fail: Vec<String> = any.iter().filter_map(|one| holds(all, one, value, at).err()).collect();
        return if all_fail.len() < any.len() { Ok(()) } else { Err(all_fail.join(" and ")) };
    }
    is_of_type(&words["type"], value).map_err(|why| format!("{at}: {why}"))?;
    if let Some(words) = words.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        return Err(format!("{at}: {value} is none of {words:?}"));
    }
    if let (Some(least), Some(number)) = (words.get("minimum").and_then(Value::as_i64), value.as_i64())
        && number < least
    {
        return Err(format!("{at}: {number} is below {least}"));
    }
    if let (Some("date-time"), Some(text)) = (words.get("format").and_then(Value::as_str), value.as_str()) {
        chrono::DateTime::parse_from_rfc3339(text).map_err(|error| format!("{at}: {text}: {error}"))?;
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        holds(all, &words["items"], item, &format!("{at}[{index}]"))?;
    }
    value.as_object().map_or(Ok(()), |object| fields(all, schema, object, at))
}

fn fields(all: &Value, schema: &Value, object: &serde_json::Map<String, Value>, at: &str) -> Result<(), String> {
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !object.contains_key(name) {
            return Err(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in object {
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(schema), _) => holds(all, schema, value, &at)?,
            (None, Value::Object(_)) => holds(all, &schema["additionalProperties"], value, &at)?,
            (None, _) => return Err(format!("{at} is in no schema")),
        }
    }
    Ok(())
}

fn is_of_type(types: &Value, value: &Value) -> Result<(), String> {
    let is = |word: &str| match word {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the test does not know the type {other}"),
    };
    let words: Vec<&str> = match types {
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        word => word.as_str().into_iter().collect(),
    };
    if words.iter().any(|word| is(word)) { Ok(()) } else { Err(format!("{value} is not of {words:?}")) }
}

#[test]
fn the_check_finds_what_is_wrong() {
    let all = serde_json::json!({ "A": { "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": { "a": { "type": ["integer", "null"] }, "b": { "type": "array", "items": { "type": "string", "enum": ["x"] } } } } });
    let found = |value: Value| holds(&all, &serde_json::json!({ "$ref": "#/A" }), &value, "A");
    assert_eq!(found(serde_json::json!({ "a": null, "b": ["x"] })), Ok(()));
    for wrong in [
        serde_json::json!({}),
        serde_json::json!({ "a": "1" }),
        serde_json::json!({ "a": 1, "c": 1 }),
        serde_json::json!({ "a": 1, "b": ["y"] }),
        serde_json::json!([]),
    ] {
        assert!(found(wrong.clone()).is_err(), "{wrong}");
    }
}
