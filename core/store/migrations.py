"""Migrations: ordered functions, each run once in one transaction together with the record that it ran."""

from collections.abc import Callable

import duckdb

from core.clock import Clock

Migration = Callable[[duckdb.DuckDBPyConnection], None]

_EVENT_COLUMNS = """
    event_id VARCHAR PRIMARY KEY, occurred_at TIMESTAMP NOT NULL, received_at TIMESTAMP NOT NULL,
    visitor_id VARCHAR NOT NULL, user_id VARCHAR, session_id VARCHAR, event_type VARCHAR NOT NULL, event_name VARCHAR,
    item_id VARCHAR, query VARCHAR, text VARCHAR, category VARCHAR, brand VARCHAR, price DOUBLE, currency VARCHAR,
    quantity DOUBLE, position INTEGER, order_id VARCHAR, channel VARCHAR, device VARCHAR, country VARCHAR,
    source VARCHAR, properties VARCHAR, session_given BOOLEAN NOT NULL, import_id VARCHAR
"""


def create_event_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"CREATE TABLE events ({_EVENT_COLUMNS})")
    connection.execute("""
        CREATE TABLE rejected_events (
            rejected_id VARCHAR NOT NULL, import_id VARCHAR, source VARCHAR, row_number BIGINT, reason VARCHAR NOT NULL,
            field VARCHAR, value VARCHAR, raw VARCHAR, rejected_at TIMESTAMP NOT NULL)""")
    connection.execute("""
        CREATE TABLE items (
            item_id VARCHAR NOT NULL, title VARCHAR, description VARCHAR, category VARCHAR, brand VARCHAR,
            price DOUBLE, currency VARCHAR, image VARCHAR, updated_at TIMESTAMP)""")
    connection.execute("""
        CREATE TABLE sessions (
            session_id VARCHAR NOT NULL, visitor_id VARCHAR NOT NULL, user_id VARCHAR, started_at TIMESTAMP NOT NULL,
            ended_at TIMESTAMP NOT NULL, event_count BIGINT NOT NULL, has_cart BOOLEAN NOT NULL,
            has_purchase BOOLEAN NOT NULL, revenue DOUBLE, first_query VARCHAR, device VARCHAR, channel VARCHAR,
            country VARCHAR, is_bot BOOLEAN NOT NULL)""")
    connection.execute("""
        CREATE TABLE imports (
            import_id VARCHAR NOT NULL, file_name VARCHAR NOT NULL, file_sha256 VARCHAR, mapping VARCHAR,
            status VARCHAR NOT NULL, rows_read BIGINT NOT NULL, added BIGINT NOT NULL, duplicates BIGINT NOT NULL,
            rejected BIGINT NOT NULL, report VARCHAR, started_at TIMESTAMP NOT NULL, finished_at TIMESTAMP)""")


def create_intent_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        CREATE TABLE intents (
            taxonomy_version INTEGER NOT NULL, place INTEGER NOT NULL, intent_id VARCHAR NOT NULL, key VARCHAR NOT NULL,
            name VARCHAR NOT NULL, definition VARCHAR NOT NULL, color VARCHAR NOT NULL, color_dark VARCHAR NOT NULL,
            active BOOLEAN NOT NULL)""")
    connection.execute("""
        CREATE TABLE annotations (
            sequence BIGINT NOT NULL, annotation_id VARCHAR NOT NULL, client_id VARCHAR PRIMARY KEY,
            target_kind VARCHAR NOT NULL, session_id VARCHAR NOT NULL, event_id VARCHAR, intent VARCHAR,
            annotator VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL, received_at TIMESTAMP NOT NULL,
            lead_time_ms BIGINT, status VARCHAR NOT NULL, note VARCHAR, supersedes VARCHAR, suggestion VARCHAR,
            guideline_version INTEGER)""")
    connection.execute("CREATE SEQUENCE annotation_sequence")
    connection.execute("""
        CREATE VIEW current_annotations AS
        SELECT * FROM annotations
        QUALIFY row_number() OVER (
            PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence DESC) = 1""")


def create_model_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        CREATE TABLE predictions (
            event_id VARCHAR NOT NULL, session_id VARCHAR NOT NULL, visitor_id VARCHAR NOT NULL,
            model_id VARCHAR NOT NULL, probabilities FLOAT[] NOT NULL)""")
    connection.execute("""
        CREATE TABLE runs (
            run_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, status VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
            record VARCHAR NOT NULL)""")
    connection.execute("""
        CREATE TABLE models (
            model_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, status VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL,
            promoted_at TIMESTAMP, record VARCHAR NOT NULL)""")
    connection.execute("""
        CREATE TABLE audit (
            at_time TIMESTAMP NOT NULL, actor VARCHAR NOT NULL, action VARCHAR NOT NULL, subject VARCHAR,
            details VARCHAR)""")


def index_by_visitor(connection: duckdb.DuckDBPyConnection) -> None:
    """A visitor's events and predictions without reading the whole table (tests/benchmarks/bench_store.py)."""
    connection.execute("CREATE INDEX events_by_visitor ON events (visitor_id)")
    connection.execute("CREATE INDEX predictions_by_visitor ON predictions (visitor_id)")


def create_session_states(connection: duckdb.DuckDBPyConnection) -> None:
    """What each scored model makes of each session at its last event; states come with the next scoring."""
    connection.execute("""
        CREATE TABLE session_states (
            session_id VARCHAR NOT NULL, model_id VARCHAR NOT NULL, event_id VARCHAR NOT NULL,
            probabilities FLOAT[] NOT NULL, embedding FLOAT[])""")
    connection.execute("""
        INSERT INTO session_states
        SELECT p.session_id, p.model_id, arg_max(p.event_id, (e.occurred_at, e.event_id)),
            arg_max(p.probabilities, (e.occurred_at, e.event_id)), NULL
        FROM predictions AS p JOIN events AS e USING (event_id) GROUP BY p.session_id, p.model_id""")


def create_leases(connection: duckdb.DuckDBPyConnection) -> None:
    """Who was handed which session, and how it was drawn; rows stay, for an honest sample is told by them."""
    connection.execute("""
        CREATE TABLE leases (
            sequence BIGINT NOT NULL, session_id VARCHAR NOT NULL, annotator VARCHAR NOT NULL, queue VARCHAR NOT NULL,
            drawn VARCHAR NOT NULL, leased_at TIMESTAMP NOT NULL, expires_at TIMESTAMP NOT NULL)""")
    connection.execute("CREATE SEQUENCE lease_sequence")
    connection.execute("""
        CREATE VIEW annotation_draws AS
        SELECT a.annotation_id, l.queue, l.drawn
        FROM annotations AS a JOIN leases AS l
            ON l.session_id = a.session_id AND l.annotator = a.annotator AND l.leased_at <= a.received_at
        QUALIFY row_number() OVER (PARTITION BY a.annotation_id ORDER BY l.sequence DESC) = 1""")


def create_rule_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Rules as an append-only journal, the label model fitted last, and the weak labels that training may use."""
    connection.execute("CREATE SEQUENCE rule_sequence")
    connection.execute("""
        CREATE TABLE labeling_functions (
            sequence BIGINT NOT NULL, rule_id VARCHAR NOT NULL, version INTEGER NOT NULL, name VARCHAR NOT NULL,
            intent VARCHAR NOT NULL, kind VARCHAR NOT NULL, definition VARCHAR NOT NULL, active BOOLEAN NOT NULL,
            deleted BOOLEAN NOT NULL, author VARCHAR NOT NULL, created_at TIMESTAMP NOT NULL)""")
    connection.execute("""
        CREATE VIEW current_labeling_functions AS
        SELECT * FROM labeling_functions
        QUALIFY row_number() OVER (PARTITION BY rule_id ORDER BY sequence DESC) = 1""")
    connection.execute("""
        CREATE TABLE label_models (
            sequence BIGINT NOT NULL, rules VARCHAR NOT NULL, parameters VARCHAR NOT NULL,
            created_at TIMESTAMP NOT NULL)""")
    connection.execute("""
        CREATE TABLE weak_label_versions (
            version INTEGER NOT NULL, rules VARCHAR NOT NULL, sessions BIGINT NOT NULL, author VARCHAR NOT NULL,
            created_at TIMESTAMP NOT NULL)""")
    connection.execute("""
        CREATE TABLE weak_labels (
            version INTEGER NOT NULL, session_id VARCHAR NOT NULL, intent VARCHAR NOT NULL, probability DOUBLE NOT NULL,
            label_source VARCHAR NOT NULL)""")


def create_taxonomy_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Who changed the taxonomy when and how, guidelines, and intents that were merged or split.

    The journal of annotations keeps the intent that was given; what it counts as now is resolved by the views.
    """
    for column in ("merged_into", "split_into", "guideline", "stands_for"):
        connection.execute(f"ALTER TABLE intents ADD COLUMN {column} VARCHAR")
    connection.execute("""
        CREATE TABLE taxonomy_versions (
            version INTEGER PRIMARY KEY, guideline_version INTEGER NOT NULL, author VARCHAR NOT NULL,
            created_at TIMESTAMP, acts VARCHAR NOT NULL)""")
    connection.execute("""
        INSERT INTO taxonomy_versions
        SELECT DISTINCT taxonomy_version, 1, '', NULL, '[{"kind": "before"}]' FROM intents""")
    connection.execute("""
        CREATE VIEW current_intents AS
        SELECT * FROM intents WHERE taxonomy_version = (SELECT max(taxonomy_version) FROM intents)""")
    connection.execute("""
        CREATE VIEW merged_intents AS
        SELECT intent_id, stands_for FROM current_intents WHERE stands_for <> intent_id""")
    connection.execute("""
        CREATE VIEW resolved_annotations AS
        SELECT a.* REPLACE (coalesce(m.stands_for, a.intent) AS intent), a.intent AS given_intent
        FROM annotations AS a LEFT JOIN merged_intents AS m ON m.intent_id = a.intent""")
    connection.execute("""
        CREATE OR REPLACE VIEW current_annotations AS
        SELECT * FROM resolved_annotations
        QUALIFY row_number() OVER (
            PARTITION BY target_kind, session_id, event_id, annotator ORDER BY sequence DESC) = 1""")
    connection.execute("""
        CREATE VIEW training_labels AS
        SELECT * FROM current_annotations WHERE status IN ('submitted', 'gold')
            AND intent IN (SELECT intent_id FROM current_intents WHERE active)""")
    connection.execute("""
        CREATE VIEW model_intents AS
        SELECT model_id, place, coalesce(stands_for, intent) AS intent, intent AS own_intent FROM (
            SELECT model_id, unnest(intents) AS intent, generate_subscripts(intents, 1) AS place FROM (
                SELECT model_id, from_json(json_extract(record, '$.intents'), '["VARCHAR"]') AS intents FROM models))
        LEFT JOIN merged_intents ON intent_id = intent""")


def create_annotation_batches(connection: duckdb.DuckDBPyConnection) -> None:
    """Labels given to many sessions at once, one row a batch; its labels are in the journal as `bulk:BATCH:…`."""
    connection.execute("""
        CREATE TABLE annotation_batches (
            batch_id VARCHAR PRIMARY KEY, annotator VARCHAR NOT NULL, intent VARCHAR NOT NULL, how VARCHAR NOT NULL,
            selection VARCHAR NOT NULL, scope VARCHAR NOT NULL, chosen BIGINT NOT NULL, labeled BIGINT NOT NULL,
            applied_at TIMESTAMP NOT NULL, undone_at TIMESTAMP, undone_by VARCHAR, taken_back BIGINT, kept BIGINT)""")
    connection.execute("""
        CREATE OR REPLACE VIEW annotation_draws AS
        SELECT a.annotation_id, l.queue, l.drawn
        FROM annotations AS a JOIN leases AS l
            ON l.session_id = a.session_id AND l.annotator = a.annotator AND l.leased_at <= a.received_at
        WHERE NOT starts_with(a.client_id, 'bulk:')
        QUALIFY row_number() OVER (PARTITION BY a.annotation_id ORDER BY l.sequence DESC) = 1""")


def create_text_similarities(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("""
        CREATE TABLE text_similarities (
            similarity_key VARCHAR NOT NULL, text VARCHAR NOT NULL, similarity FLOAT NOT NULL, rival FLOAT NOT NULL)""")


def create_learning_options(connection: duckdb.DuckDBPyConnection) -> None:
    """How the shop wants to learn while it labels: each choice is a row, the newest counts."""
    connection.execute("CREATE SEQUENCE learning_options_sequence")
    connection.execute("""
        CREATE TABLE learning_options (
            sequence BIGINT NOT NULL, enabled BOOLEAN NOT NULL, first_per_intent INTEGER NOT NULL,
            every INTEGER NOT NULL, changed_by VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""")


def create_pending_sessions(connection: duckdb.DuckDBPyConnection) -> None:
    """Visitors whose new events have no session yet; a row a commit, so that a crash forgets nobody."""
    connection.execute("CREATE TABLE pending_sessions (visitor_id VARCHAR NOT NULL)")


def create_person_links(connection: duckdb.DuckDBPyConnection) -> None:
    """Which visitor turned out to be which person; one row a visitor, and the first that is told stays."""
    connection.execute("CREATE TABLE person_links (visitor_id VARCHAR PRIMARY KEY, person_id VARCHAR NOT NULL)")


def create_webhooks(connection: duckdb.DuckDBPyConnection) -> None:
    """Receivers of changed intents, and the outbox of the messages that are due or were given up."""
    connection.execute("""
        CREATE TABLE webhooks (
            webhook_id VARCHAR NOT NULL, url VARCHAR NOT NULL, secret VARCHAR NOT NULL, description VARCHAR NOT NULL,
            intents VARCHAR NOT NULL, previous VARCHAR NOT NULL, min_score DOUBLE NOT NULL, active BOOLEAN NOT NULL,
            stopped_by VARCHAR, created_at TIMESTAMP NOT NULL)""")
    connection.execute("""
        CREATE TABLE webhook_deliveries (
            delivery_id VARCHAR NOT NULL, webhook_id VARCHAR NOT NULL, body VARCHAR NOT NULL, updates INTEGER NOT NULL,
            status VARCHAR NOT NULL, tries INTEGER NOT NULL, next_try_at TIMESTAMP NOT NULL, last_status INTEGER,
            last_error VARCHAR, created_at TIMESTAMP NOT NULL, tried_at TIMESTAMP)""")


def create_alarm_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The alarms that rang, and the thresholds they ring by: each choice is a row, the newest counts."""
    connection.execute("CREATE SEQUENCE alarm_settings_sequence")
    connection.execute("""
        CREATE TABLE alarm_settings (
            sequence BIGINT NOT NULL, settings VARCHAR NOT NULL, changed_at TIMESTAMP NOT NULL)""")
    connection.execute("""
        CREATE TABLE alarms (
            alarm_id VARCHAR NOT NULL, rule VARCHAR NOT NULL, began_at TIMESTAMP NOT NULL, ended_at TIMESTAMP,
            ending VARCHAR, numbers VARCHAR NOT NULL, acknowledged_at TIMESTAMP)""")


def create_commit_log(connection: duckdb.DuckDBPyConnection) -> None:
    """One row: the id of this warehouse's commit log, and the newest of its records that is stored."""
    connection.execute("CREATE TABLE commit_log (log_id UUID NOT NULL, sequence BIGINT NOT NULL)")
    connection.execute("INSERT INTO commit_log VALUES (uuid(), 0)")


def create_session_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """The kind of each session by the newest pretraining, and how probable it is (0 to 1); not an intent."""
    connection.execute("""
        CREATE TABLE session_kinds (session_id VARCHAR NOT NULL, kind INTEGER NOT NULL, sureness FLOAT NOT NULL)""")


def drop_runs(connection: duckdb.DuckDBPyConnection) -> None:
    """Nothing reads or writes the table any more: runs are folders, which their own processes write (core/jobs)."""
    connection.execute("DROP TABLE IF EXISTS runs")


MIGRATIONS: tuple[Migration, ...] = (
    create_event_tables,
    create_intent_tables,
    create_model_tables,
    index_by_visitor,
    create_session_states,
    create_leases,
    create_rule_tables,
    create_taxonomy_versions,
    create_annotation_batches,
    create_text_similarities,
    create_learning_options,
    create_pending_sessions,
    create_person_links,
    create_webhooks,
    create_alarm_tables,
    create_commit_log,
    create_session_kinds,
    drop_runs,
)
"""In order; a released one is never changed, only followed by another."""


def migrate(connection: duckdb.DuckDBPyConnection, clock: Clock) -> list[str]:
    """Run what has not run yet; returns the names that ran."""
    connection.execute("CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR PRIMARY KEY, ran_at TIMESTAMP)")
    done = {name for (name,) in connection.execute("SELECT name FROM schema_migrations").fetchall()}
    waiting = [migration for migration in MIGRATIONS if migration.__name__ not in done]
    for migration in waiting:
        connection.execute("BEGIN")
        try:
            migration(connection)
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?)", [migration.__name__, clock()])
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    return [migration.__name__ for migration in waiting]
