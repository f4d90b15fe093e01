-- Where each person is signed in. What has ended is also in spent_tokens, where every process looks.
CREATE TABLE sessions (
    session_id {id} PRIMARY KEY,
    user_id {id} NOT NULL REFERENCES users (user_id),
    device TEXT NOT NULL,
    version BIGINT NOT NULL, -- users.session_version when it began
    user_type TEXT NOT NULL CHECK (user_type IN ('customer', 'vendor', 'admin')),
    external SMALLINT NOT NULL CHECK (external IN (0, 1)), -- of an identity provider
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended SMALLINT NOT NULL CHECK (ended IN (0, 1))
);
CREATE INDEX sessions_of ON sessions (user_id, last_seen_at) WHERE ended = 0;
CREATE INDEX sessions_expiry ON sessions (expires_at);

-- Who a person is at an identity provider: only issuer and subject together are unique. The id is their hash.
CREATE TABLE identities (
    identity_id {id} PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id {id} REFERENCES users (user_id), -- NULL: unlinked
    created_at BIGINT NOT NULL
);
CREATE INDEX identities_user ON identities (user_id);

-- The processes that serve this database, while they say so, each with fingerprints of the secrets that it verifies by.
CREATE TABLE servers (
    server_id {id} PRIMARY KEY,
    fingerprints TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX servers_at ON servers (at);
