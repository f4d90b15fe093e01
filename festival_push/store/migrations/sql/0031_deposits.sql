-- Deposits that stalls give back: one offer, taken by one guest.
CREATE TABLE give_backs (
    give_back_id {id} PRIMARY KEY,
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    lines TEXT NOT NULL,
    total BIGINT NOT NULL CHECK (total > 0),
    claimed_by {id} REFERENCES users (user_id),
    claimed_at BIGINT CHECK ((claimed_at IS NULL) = (claimed_by IS NULL)),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > created_at),
    created_by {id} NOT NULL REFERENCES users (user_id)
);
-- What nobody has taken is deleted some time after it has expired, and ends with whoever has offered it.
CREATE INDEX give_backs_unclaimed ON give_backs (expires_at) WHERE claimed_by IS NULL;
CREATE INDEX give_backs_by ON give_backs (created_by) WHERE claimed_by IS NULL;
