-- A new PIN ends all sessions of before but the one that asked for it.
ALTER TABLE users ADD COLUMN session_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN kept_session TEXT;
