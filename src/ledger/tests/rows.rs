//! What a row costs when it is written.

use super::ledger;

#[tokio::test]
async fn a_row_is_written_without_a_list_being_sorted_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = ledger(folder.path()).await;
    for written in [
        "INSERT INTO delivery (issue, mailbox, address, role, groups, language, language_rule, fields, state, queued_at) \
         VALUES (1, 'a@b.example', 'a@b.example', 'to', '[]', 'en', 'preferred', '{}', 'queued', 0)",
        "UPDATE delivery SET state = 'accepted', stage = 'final_dot', code = 250, attempts = 1 WHERE id = 1",
    ] {
        let steps = ledger.ask(&format!("EXPLAIN {written}")).await.expect("an answer");
        let opcodes: Vec<&str> = steps.rows.iter().filter_map(|row| row[1].as_str()).collect();
        assert!(opcodes.contains(&"IdxInsert") && !opcodes.contains(&"OpenEphemeral"), "{written}: {opcodes:?}");
    }
}
