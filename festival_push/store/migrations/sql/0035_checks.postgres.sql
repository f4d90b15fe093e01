-- additive
-- When the last backup and the last audit have ended, for /metrics. With SQLite, two files beside the database say so.
CREATE TABLE checks (
    name TEXT PRIMARY KEY,
    ended_at BIGINT NOT NULL,
    held SMALLINT NOT NULL
);
