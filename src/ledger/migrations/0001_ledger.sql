-- The ledger. Times are milliseconds since 1970 UTC; hashes are 32 octets; lists are JSON arrays.
-- What people query are the views at the end: they say everything in words and RFC 3339.

CREATE TABLE ledger (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    id          TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    -- 'init', or 'run' where the daemon had to create it: then letters already lying there are late
    created_by  TEXT    NOT NULL CHECK (created_by IN ('init', 'run', 'demo', 'rehearsal', 'check')),
    -- keys the Message-IDs, so that they can be recognised and not guessed
    message_key BLOB    NOT NULL CHECK (length(message_key) = 32),
    -- the last record of the send journal that this ledger has followed
    applied     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE instance (
    epoch      INTEGER PRIMARY KEY AUTOINCREMENT,
    host       TEXT    NOT NULL,
    pid        INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    -- the last sign of life, once a minute
    seen_at    INTEGER NOT NULL,
    stopped_at INTEGER,
    -- where people find its dashboard; NULL: it has none
    dashboard  TEXT
) STRICT;

-- Groups as held. Rows are staged under a version and count only while it is accepted; a superseded one is history.
CREATE TABLE group_version (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL,
    file        TEXT    NOT NULL,
    sha256      BLOB    NOT NULL,
    -- pending waits for a person; refused has bad rows (the good ones are staged), or cannot be read at all; removed is the
    -- accepted end of a group whose file is gone; dropped was pending when its file changed again
    state       TEXT    NOT NULL CHECK (state IN ('staging', 'pending', 'accepted', 'superseded', 'refused', 'removed',
                                                  'dropped')),
    -- the file is gone: accepted, the group ends
    removal     INTEGER NOT NULL DEFAULT 0,
    rows        INTEGER NOT NULL DEFAULT 0,
    mailboxes   INTEGER NOT NULL DEFAULT 0,
    columns     TEXT    NOT NULL DEFAULT '[]',
    problems    TEXT    NOT NULL DEFAULT '[]',
    -- rows that cannot be read: whom an acceptance without them leaves out
    bad_rows    TEXT    NOT NULL DEFAULT '[]',
    -- why it waits for a person, in words
    doubts      TEXT    NOT NULL DEFAULT '[]',
    read_at     INTEGER NOT NULL,
    accepted_at INTEGER,
    accepted_by TEXT,
    accepted_reason TEXT,
    -- when another version took its place, or its file changed again
    ended_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX group_in_force ON group_version (name) WHERE state = 'accepted';
CREATE INDEX group_history ON group_version (name, id);

CREATE TABLE member (
    id           INTEGER PRIMARY KEY,
    version      INTEGER NOT NULL REFERENCES group_version (id) ON DELETE CASCADE,
    -- the file's own group, or one that its `group` column names
    group_name   TEXT    NOT NULL,
    line         INTEGER NOT NULL,
    mailbox      TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    name         TEXT,
    title        TEXT,
    salutation   TEXT,
    organization TEXT,
    country      TEXT,
    region       TEXT,
    languages    TEXT    NOT NULL DEFAULT '[]',
    copy_to      TEXT    NOT NULL DEFAULT '[]',
    valid_from   TEXT,
    valid_until  TEXT,
    time_zone    TEXT,
    fields       TEXT    NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX member_of ON member (group_name, version);
CREATE INDEX member_mailbox ON member (mailbox);

CREATE TABLE circular (
    id            INTEGER PRIMARY KEY,
    stem          TEXT    NOT NULL,
    reference     TEXT,
    reference_key TEXT,
    subject       TEXT,
    state         TEXT    NOT NULL CHECK (state IN ('parked', 'ready', 'awaiting_approval', 'late', 'sending',
                                                    'paused', 'held', 'completed', 'cancelled')),
    -- why it is parked, late, paused, held or cancelled
    reason        TEXT,
    -- the files' contents in one hash, and whom they reach in another: what an approval is bound to; the second only where
    -- approvals are asked for
    digest        BLOB    NOT NULL,
    addressees    BLOB,
    -- marked so: one more person must approve it
    confidential  INTEGER NOT NULL DEFAULT 0,
    -- what it is to another circular ('corrigendum 1'), and the key of that one's reference
    supplement    TEXT,
    parent_key    TEXT,
    -- the letter's date, ISO
    dated         TEXT,
    repeat        TEXT,
    due_at        INTEGER,
    -- it lay there before the ledger did: late until a person releases it
    lay_there     INTEGER NOT NULL DEFAULT 0,
    seen_at       INTEGER NOT NULL,
    changed_at    INTEGER NOT NULL,
    completed_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX circular_reference ON circular (reference_key) WHERE state <> 'parked';
CREATE INDEX circular_stem ON circular (stem);
CREATE INDEX circular_due ON circular (state, due_at);
CREATE INDEX circular_parent ON circular (parent_key) WHERE parent_key IS NOT NULL;

CREATE TABLE letter (
    circular INTEGER NOT NULL REFERENCES circular (id) ON DELETE CASCADE,
    language TEXT    NOT NULL,
    file     TEXT    NOT NULL,
    sha256   BLOB    NOT NULL,
    problems TEXT    NOT NULL DEFAULT '[]',
    PRIMARY KEY (circular, file)
) STRICT, WITHOUT ROWID;

-- Who approved what. Any change to texts, annexes or addressees voids it for good: what was approved is approved anew.
CREATE TABLE approval (
    id         INTEGER PRIMARY KEY,
    circular   INTEGER NOT NULL REFERENCES circular (id) ON DELETE CASCADE,
    digest     BLOB    NOT NULL,
    addressees BLOB,
    by         TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    voided_at  INTEGER,
    -- what was changed, in words
    voided_by  TEXT
) STRICT;
CREATE INDEX approval_of ON approval (circular, digest);

-- One issue: what was frozen. `staging` is deleted at start; only `frozen` counts.
CREATE TABLE issue (
    id         INTEGER PRIMARY KEY,
    circular   INTEGER NOT NULL REFERENCES circular (id),
    number     INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('staging', 'frozen')),
    reference  TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    -- From, Reply-To, return path, List-Id, Date and composer version, as JSON
    head       TEXT    NOT NULL,
    original   TEXT    NOT NULL,
    frozen_at  INTEGER NOT NULL,
    -- of the texts frozen and, where approvals are asked for, of whom they reach; and the versions of the groups in force
    -- when staging began
    digest     BLOB    NOT NULL,
    addressees BLOB,
    versions   TEXT    NOT NULL,
    -- whom it reaches, by the names of groups, as JSON; and for a supplementary issue the one whose texts it repeats
    reach      TEXT    NOT NULL DEFAULT '{}',
    source     INTEGER REFERENCES issue (id),
    total      INTEGER NOT NULL DEFAULT 0,
    -- its deliveries lie between these row numbers; another issue's may lie there too
    first_delivery INTEGER NOT NULL DEFAULT 0,
    last_delivery  INTEGER NOT NULL DEFAULT -1,
    completed_at INTEGER,
    UNIQUE (circular, number)
) STRICT;

CREATE TABLE part (
    issue    INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    language TEXT    NOT NULL,
    file     TEXT    NOT NULL,
    sha256   BLOB    NOT NULL,
    rendered TEXT    NOT NULL,
    PRIMARY KEY (issue, language)
) STRICT, WITHOUT ROWID;

-- The files that go out with every message of an issue, as they lay there when it was frozen; kept once per issue.
CREATE TABLE annex (
    issue        INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL,
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    sha256       BLOB    NOT NULL CHECK (length(sha256) = 32),
    -- last: whoever asks for the names does not read the files
    octets       BLOB    NOT NULL,
    PRIMARY KEY (issue, position)
) STRICT;

CREATE TABLE delivery (
    id              INTEGER PRIMARY KEY,
    issue           INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    mailbox         TEXT    NOT NULL,
    address         TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('to', 'copy')),
    groups          TEXT    NOT NULL,
    name            TEXT,
    organization    TEXT,
    country         TEXT,
    language        TEXT    NOT NULL,
    -- which rule chose the language: 'preferred', 'original'
    language_rule   TEXT    NOT NULL,
    -- the addressee's languages, the preferred one first
    languages       TEXT    NOT NULL DEFAULT '[]',
    fields          TEXT    NOT NULL,
    -- the offices whose lists name this mailbox in `copy_to`: it gets their copy
    copy_of         TEXT,
    -- a supplement's addressee who got the parent and stands in its groups no more
    left_groups     INTEGER NOT NULL DEFAULT 0,
    -- the Message-IDs that this letter follows, the last one that it answers to (RFC 5322 3.6.4)
    thread          TEXT,
    -- conditions that every row meets when it is written are chains, the most frequent first: a list would be sorted anew for
    -- each row
    state           TEXT    NOT NULL CHECK (state = 'queued' OR state = 'accepted' OR state = 'in_transaction'
                                            OR state = 'deferred' OR state = 'in_doubt' OR state = 'refused'
                                            OR state = 'expired' OR state = 'withdrawn' OR state = 'held'),
    report          TEXT    NOT NULL DEFAULT 'none' CHECK (report = 'none' OR report = 'delayed' OR report = 'relayed'
                                                           OR report = 'delivered' OR report = 'bounced'),
    -- all attempts, killed ones too; those that the retry table counts; those that ended in doubt
    attempts        INTEGER NOT NULL DEFAULT 0,
    charged         INTEGER NOT NULL DEFAULT 0,
    doubts          INTEGER NOT NULL DEFAULT 0,
    possible_duplicate INTEGER NOT NULL DEFAULT 0,
    -- refused like others before it and put back: once a person has let it go on, the next refusal is its own
    put_back        INTEGER NOT NULL DEFAULT 0,
    relay           TEXT,
    stage           TEXT,
    code            INTEGER,
    status          TEXT,
    reply           TEXT,
    message_id      TEXT,
    sha256          BLOB,
    epoch           INTEGER,
    queued_at       INTEGER NOT NULL,
    -- when the give-up time begins to run: the first attempt that was charged
    first_charged_at INTEGER,
    last_attempt_at INTEGER,
    accepted_at     INTEGER,
    next_attempt_at INTEGER,
    UNIQUE (issue, mailbox)
) STRICT;
-- rows leave it once, when they reach a final state
CREATE INDEX delivery_open ON delivery (issue, id)
    WHERE state <> 'accepted' AND state <> 'refused' AND state <> 'expired' AND state <> 'withdrawn';
CREATE INDEX delivery_mailbox ON delivery (mailbox);
-- what the log is asked for: columns that are frozen, so that an attempt costs nothing here; rows come in their own order
CREATE INDEX delivery_country ON delivery (country COLLATE NOCASE);
CREATE INDEX delivery_groups ON delivery (groups);
CREATE INDEX delivery_language ON delivery (language);
CREATE INDEX delivery_copies ON delivery (role) WHERE role = 'copy';
-- what stands behind the @: there is one, since local parts in quotation marks are not taken
CREATE INDEX delivery_domain ON delivery (substr(mailbox, instr(mailbox, '@') + 1));
-- a letter that is accepted within one commit never enters it
CREATE INDEX delivery_other ON delivery (state) WHERE state <> 'queued' AND state <> 'accepted';

-- How many deliveries of a frozen issue stand in which state, by everything that is frozen of them. The trigger keeps it, in
-- the transaction that changes the state; `verify` counts again.
CREATE TABLE tally (
    issue          INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    country        TEXT    NOT NULL,
    groups         TEXT    NOT NULL,
    language       TEXT    NOT NULL,
    role           TEXT    NOT NULL,
    queued         INTEGER NOT NULL DEFAULT 0,
    in_transaction INTEGER NOT NULL DEFAULT 0,
    accepted       INTEGER NOT NULL DEFAULT 0,
    deferred       INTEGER NOT NULL DEFAULT 0,
    in_doubt       INTEGER NOT NULL DEFAULT 0,
    refused        INTEGER NOT NULL DEFAULT 0,
    expired        INTEGER NOT NULL DEFAULT 0,
    withdrawn      INTEGER NOT NULL DEFAULT 0,
    held           INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (issue, country, groups, language, role)
) STRICT, WITHOUT ROWID;
-- the log leaves issues out that have nobody of a country; its columns change only when an issue is frozen
CREATE INDEX tally_country ON tally (country COLLATE NOCASE, issue, groups, language, role);
-- what becomes of most, at a third of the work
CREATE TRIGGER the_accepted_are_counted AFTER UPDATE OF state ON delivery
    WHEN new.state = 'accepted' AND old.state = 'queued' BEGIN
    UPDATE tally SET queued = queued - 1, accepted = accepted + 1
        WHERE issue = new.issue AND country = coalesce(new.country, '') AND groups = new.groups AND language = new.language
            AND role = new.role;
END;
CREATE TRIGGER states_are_counted AFTER UPDATE OF state ON delivery
    WHEN old.state <> new.state AND NOT (new.state = 'accepted' AND old.state = 'queued') BEGIN
    UPDATE tally SET
            queued = queued + (new.state = 'queued') - (old.state = 'queued'),
            in_transaction = in_transaction + (new.state = 'in_transaction') - (old.state = 'in_transaction'),
            accepted = accepted + (new.state = 'accepted') - (old.state = 'accepted'),
            deferred = deferred + (new.state = 'deferred') - (old.state = 'deferred'),
            in_doubt = in_doubt + (new.state = 'in_doubt') - (old.state = 'in_doubt'),
            refused = refused + (new.state = 'refused') - (old.state = 'refused'),
            expired = expired + (new.state = 'expired') - (old.state = 'expired'),
            withdrawn = withdrawn + (new.state = 'withdrawn') - (old.state = 'withdrawn'),
            held = held + (new.state = 'held') - (old.state = 'held')
        WHERE issue = new.issue AND country = coalesce(new.country, '') AND groups = new.groups AND language = new.language
            AND role = new.role;
END;

-- Which groups, languages and roles meet in some delivery of an issue: the log leaves out the issues in which those asked
-- for do not. Never changed.
CREATE TABLE meeting (
    issue    INTEGER NOT NULL REFERENCES issue (id) ON DELETE CASCADE,
    groups   TEXT    NOT NULL,
    language TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    PRIMARY KEY (issue, groups, language, role)
) STRICT, WITHOUT ROWID;

-- Which relay attempted deliveries of a stretch of 128 row numbers, and between which times: the log skips the others. The
-- relay without a name stands for all of them.
CREATE TABLE stretch (
    relay    TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    PRIMARY KEY (relay, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
    id         INTEGER PRIMARY KEY,
    delivery   INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    relay      TEXT    NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    blame      TEXT,
    stage      TEXT,
    code       INTEGER,
    status     TEXT,
    reply      TEXT,
    sha256     BLOB
) STRICT;
CREATE INDEX attempt_of ON attempt (delivery, number);
CREATE TRIGGER attempts_are_appended BEFORE UPDATE ON attempt
    BEGIN SELECT RAISE (ABORT, 'attempts are appended, never updated'); END;
CREATE TRIGGER attempts_are_kept BEFORE DELETE ON attempt
    BEGIN SELECT RAISE (ABORT, 'attempts are appended, never deleted'); END;

CREATE TABLE orders (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    act      TEXT    NOT NULL,
    circular INTEGER REFERENCES circular (id),
    argument TEXT    NOT NULL DEFAULT '{}',
    by       TEXT    NOT NULL,
    reason   TEXT    NOT NULL DEFAULT '',
    done_at  INTEGER,
    result   TEXT
) STRICT;
CREATE INDEX orders_open ON orders (id) WHERE done_at IS NULL;

-- Keys under which programs ask for an act, so that asking again is no second act; known for a week.
CREATE TABLE idempotency (
    who      TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    -- SHA-256 of what was asked, hexadecimal: the same key is not good for anything else
    request  TEXT    NOT NULL,
    order_id INTEGER REFERENCES orders (id),
    -- of what is no order (a test copy): what came of it, as JSON; until it is known, without an outcome
    answer   TEXT,
    at       INTEGER NOT NULL,
    PRIMARY KEY (who, key),
    CHECK ((order_id IS NULL) <> (answer IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_age ON idempotency (at);

-- One-time links into the dashboard, by the SHA-256 of their key; using one deletes it.
CREATE TABLE web_link (
    sha256     TEXT    PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- hash = SHA-256 (previous hash, then the JSON array of all other columns): a changed, deleted or moved row breaks the chain
CREATE TABLE event (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    reference TEXT,
    by        TEXT    NOT NULL,
    reason    TEXT    NOT NULL DEFAULT '',
    detail    TEXT    NOT NULL DEFAULT '{}',
    previous  BLOB    NOT NULL CHECK (length(previous) = 32),
    hash      BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER events_are_appended BEFORE UPDATE ON event
    BEGIN SELECT RAISE (ABORT, 'events are appended, never updated'); END;
CREATE TRIGGER events_are_kept BEFORE DELETE ON event
    BEGIN SELECT RAISE (ABORT, 'events are appended, never deleted'); END;

-- Alerts: what is wrong, or was. Of one kind and key one is open at most. 'completed' is an issue's report to its owner.
CREATE TABLE alert (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    reference   TEXT,
    -- of a report
    issue       INTEGER,
    -- why, in words
    what        TEXT    NOT NULL,
    -- the event that opened it
    event       INTEGER NOT NULL,
    opened_at   INTEGER NOT NULL,
    resolved_at INTEGER,
    -- until when the relay rests, if it is about one
    rests_until INTEGER,
    -- how often it has opened, the first time included
    times       INTEGER NOT NULL DEFAULT 1,
    -- not told before
    ready_at    INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (kind, key) WHERE resolved_at IS NULL;
CREATE INDEX alert_of ON alert (kind, key, id);

-- The last event that was read for alerts: a restart neither repeats nor forgets.
CREATE TABLE alert_position (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    event INTEGER NOT NULL
) STRICT;
INSERT INTO alert_position (one, event) VALUES (1, 0);

-- Who is to be told of an alert, and what he was told last. 'earlier': that it had ended, before it opened again.
CREATE TABLE alert_told (
    alert     INTEGER NOT NULL REFERENCES alert (id),
    recipient TEXT    NOT NULL,
    told      TEXT    CHECK (told IN ('opened', 'resolved', 'earlier')),
    PRIMARY KEY (alert, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_untold ON alert_told (recipient, alert) WHERE told IS NULL OR told <> 'resolved';

-- Messages of the house to its own people: no deliveries, counted in no circular.
CREATE TABLE notice (
    id              INTEGER PRIMARY KEY,
    recipient       TEXT    NOT NULL,
    -- the report it is; NULL: alerts
    report          INTEGER REFERENCES alert (id),
    state           TEXT    NOT NULL CHECK (state IN ('queued', 'in_transaction', 'accepted', 'deferred', 'in_doubt',
                                                      'refused', 'expired', 'withdrawn', 'held')),
    subject         TEXT,
    message_id      TEXT,
    sha256          BLOB,
    -- as they were sent, until the relay has them
    octets          BLOB,
    attempts        INTEGER NOT NULL DEFAULT 0,
    doubts          INTEGER NOT NULL DEFAULT 0,
    possible_duplicate INTEGER NOT NULL DEFAULT 0,
    relay           TEXT,
    stage           TEXT,
    code            INTEGER,
    status          TEXT,
    reply           TEXT,
    created_at      INTEGER NOT NULL,
    last_attempt_at INTEGER,
    accepted_at     INTEGER,
    next_attempt_at INTEGER
) STRICT;
CREATE INDEX notice_open ON notice (next_attempt_at) WHERE state IN ('queued', 'in_transaction', 'deferred', 'in_doubt');
CREATE INDEX notice_to ON notice (recipient, last_attempt_at);

-- What a notice says of which alert: what the reader knows once it has arrived.
CREATE TABLE notice_alert (
    notice INTEGER NOT NULL REFERENCES notice (id),
    alert  INTEGER NOT NULL REFERENCES alert (id),
    says   TEXT    NOT NULL CHECK (says IN ('opened', 'resolved')),
    PRIMARY KEY (notice, alert)
) STRICT, WITHOUT ROWID;

-- One line per frozen addressee.
CREATE VIEW delivery_log AS
SELECT i.reference, i.number AS issue, d.id AS delivery, d.role, d.groups, d.copy_of, d.address, d.name, d.organization,
       d.country, d.language, d.language_rule, d.left_groups, d.thread, d.state, d.report, d.attempts, d.possible_duplicate, d.relay, d.stage, d.code, d.status,
       d.reply, d.message_id, lower(hex(d.sha256)) AS sha256,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.queued_at / 1000.0, 'unixepoch') AS queued_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.last_attempt_at / 1000.0, 'unixepoch') AS last_attempt_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.accepted_at / 1000.0, 'unixepoch') AS accepted_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.next_attempt_at / 1000.0, 'unixepoch') AS next_attempt_at
FROM delivery d JOIN issue i ON i.id = d.issue
WHERE i.state = 'frozen';

-- One line per attempt.
CREATE VIEW attempt_log AS
SELECT i.reference, i.number AS issue, a.delivery, d.address, a.number, a.relay, a.state, a.blame, a.stage, a.code, a.status,
       a.reply, lower(hex(a.sha256)) AS sha256, a.epoch,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.started_at / 1000.0, 'unixepoch') AS started_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_at / 1000.0, 'unixepoch') AS ended_at
FROM attempt a JOIN delivery d ON d.id = a.delivery JOIN issue i ON i.id = d.issue
WHERE i.state = 'frozen';

-- One line per annex of each issue.
CREATE VIEW annex_log AS
SELECT i.reference, i.number AS issue, a.position, a.name, a.content_type, lower(hex(a.sha256)) AS sha256,
       length(a.octets) AS octets
FROM annex a JOIN issue i ON i.id = a.issue
WHERE i.state = 'frozen';

-- One line per circular.
CREATE VIEW circular_log AS
SELECT c.reference, c.subject, c.state, c.reason, c.stem, c.repeat, c.supplement, c.parent_key, c.dated, c.confidential,
       (SELECT count(*) FROM issue i WHERE i.circular = c.id AND i.state = 'frozen') AS issues,
       (SELECT coalesce(sum(i.total), 0) FROM issue i WHERE i.circular = c.id AND i.state = 'frozen') AS frozen,
       strftime('%Y-%m-%dT%H:%M:%fZ', c.due_at / 1000.0, 'unixepoch') AS due_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', c.seen_at / 1000.0, 'unixepoch') AS seen_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', c.completed_at / 1000.0, 'unixepoch') AS completed_at
FROM circular c;

-- One line per member of each group in force.
CREATE VIEW group_members AS
SELECT m.group_name, v.file, m.line, m.address, m.name, m.title, m.salutation, m.organization, m.country, m.region,
       m.languages, m.valid_from, m.valid_until, m.fields
FROM member m JOIN group_version v ON v.id = m.version
WHERE v.state = 'accepted';

-- Everything that happened, in order.
CREATE VIEW event_log AS
SELECT id, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at, kind, reference, by, reason, detail,
       lower(hex(hash)) AS hash
FROM event;

-- One line per alert and report.
CREATE VIEW alert_log AS
SELECT id, kind, key, reference, what, times,
       strftime('%Y-%m-%dT%H:%M:%fZ', opened_at / 1000.0, 'unixepoch') AS opened_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', resolved_at / 1000.0, 'unixepoch') AS resolved_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', rests_until / 1000.0, 'unixepoch') AS rests_until
FROM alert;

-- One line per message to the house's own people and alert in it.
CREATE VIEW notice_log AS
SELECT n.id, n.recipient, s.alert, iif(n.report IS NULL, s.says, 'report') AS says, n.state, n.subject, n.message_id, n.attempts, n.possible_duplicate, n.relay, n.stage,
       n.code, n.status, n.reply, lower(hex(n.sha256)) AS sha256,
       strftime('%Y-%m-%dT%H:%M:%fZ', n.created_at / 1000.0, 'unixepoch') AS created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', n.last_attempt_at / 1000.0, 'unixepoch') AS last_attempt_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', n.accepted_at / 1000.0, 'unixepoch') AS accepted_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', n.next_attempt_at / 1000.0, 'unixepoch') AS next_attempt_at
FROM notice n LEFT JOIN notice_alert s ON s.notice = n.id;
