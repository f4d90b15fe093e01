-- A code until it is typed on a screen (secret_hash is NULL), then that screen's request, and the stall's answer to it.
CREATE TABLE pairings (
    pairing_id {id} PRIMARY KEY,
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    name TEXT NOT NULL,
    code_hash {id} UNIQUE,
    secret_hash TEXT,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'confirmed', 'refused')),
    display_id {id} REFERENCES displays (display_id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > created_at),
    CONSTRAINT pairings_code_or_secret CHECK ((code_hash IS NULL) = (secret_hash IS NOT NULL)),
    CONSTRAINT pairings_typed_first CHECK (secret_hash IS NOT NULL OR status = 'waiting'),
    CONSTRAINT pairings_make_displays CHECK ((display_id IS NOT NULL) = (status = 'confirmed'))
);
-- Each stall has one code at most.
CREATE UNIQUE INDEX pairings_untyped ON pairings (vendor_id) WHERE secret_hash IS NULL;
CREATE INDEX pairings_expiry ON pairings (expires_at);
