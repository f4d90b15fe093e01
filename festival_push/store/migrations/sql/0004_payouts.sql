CREATE TABLE payouts (
    payout_id {id} PRIMARY KEY,
    seq BIGINT NOT NULL UNIQUE,
    user_id {id} NOT NULL REFERENCES users (user_id),
    name TEXT NOT NULL,
    owner_id {id} NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL CHECK (status IN ('requested', 'completed', 'rejected')),
    note TEXT,
    reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX payouts_status ON payouts (status, seq);
