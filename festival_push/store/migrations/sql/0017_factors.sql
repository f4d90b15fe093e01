-- Second factors: apps that show codes, and passkeys. What proves one is deleted when the factor ends; the row stays for
-- some weeks.
CREATE TABLE factors (
    factor_id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES users (user_id),
    kind TEXT NOT NULL CHECK (kind IN ('totp', 'passkey')),
    name TEXT NOT NULL,
    secret TEXT,
    credential_id {id} UNIQUE,
    public_key TEXT,
    counter BIGINT NOT NULL CHECK (counter >= 0),
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    ended_at BIGINT,
    CONSTRAINT factors_apps_have_secrets CHECK ((secret IS NOT NULL) = (kind = 'totp' AND ended_at IS NULL)),
    CONSTRAINT factors_passkeys_have_ids CHECK ((credential_id IS NOT NULL) = (kind = 'passkey' AND ended_at IS NULL)),
    CONSTRAINT factors_passkeys_have_keys CHECK ((public_key IS NOT NULL) = (credential_id IS NOT NULL))
);
CREATE INDEX factors_present ON factors (user_id) WHERE ended_at IS NULL;
CREATE INDEX factors_ended ON factors (ended_at) WHERE ended_at IS NOT NULL;
-- Hashes of the recovery codes that are still good, as JSON.
CREATE TABLE recovery_codes (
    user_id {id} PRIMARY KEY REFERENCES users (user_id),
    hashes TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
ALTER TABLE users ADD COLUMN factors BIGINT NOT NULL DEFAULT 0 CHECK (factors >= 0);
