-- What staff did: numbered without a gap, each with a hash of itself and of the one before. The head has the newest.
CREATE TABLE deeds (
    seq {counter},
    at BIGINT NOT NULL,
    actor {id} NOT NULL,
    act {id} NOT NULL,
    subject {id} NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    request_id TEXT,
    previous TEXT NOT NULL CHECK (length(previous) = 64),
    hash TEXT NOT NULL CHECK (length(hash) = 64)
);
CREATE INDEX deeds_actor ON deeds (actor, seq);
CREATE INDEX deeds_subject ON deeds (subject, seq);
CREATE INDEX deeds_act ON deeds (act, seq);
ALTER TABLE log_head ADD COLUMN deed_seq BIGINT NOT NULL DEFAULT 0;
ALTER TABLE log_head ADD COLUMN deed_hash TEXT NOT NULL
    DEFAULT '0000000000000000000000000000000000000000000000000000000000000000';

-- What waits for a second organiser, what each person has topped up at the desk in a day, and the settings of the last start.
CREATE TABLE confirmations (
    confirmation_id {id} PRIMARY KEY,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    command TEXT NOT NULL,
    asked_by {id} NOT NULL REFERENCES users (user_id),
    status TEXT NOT NULL CHECK (status IN ('waiting', 'confirmed', 'refused')),
    settled_by {id} REFERENCES users (user_id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > created_at),
    settled_at BIGINT,
    CONSTRAINT confirmations_settled CHECK ((status = 'waiting') = (settled_by IS NULL)),
    CONSTRAINT confirmations_by_two CHECK (status <> 'confirmed' OR settled_by <> asked_by)
);
CREATE INDEX confirmations_created ON confirmations (created_at, confirmation_id);
-- When another organiser made somebody one, or gave them a new PIN: until some hours later they are no second person.
ALTER TABLE users ADD COLUMN rights_at BIGINT NOT NULL DEFAULT 0;
CREATE TABLE desk_sums (
    user_id {id} PRIMARY KEY REFERENCES users (user_id),
    day TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0)
);
CREATE TABLE kept_settings (
    name {id} PRIMARY KEY,
    state TEXT NOT NULL
);

-- Who moved the money. Of the transfers of before, up to head's actors_after, it may be unknown.
ALTER TABLE transfers ADD COLUMN actor {id} NOT NULL DEFAULT 'unknown';
ALTER TABLE log_head ADD COLUMN actors_after BIGINT NOT NULL DEFAULT 0;
UPDATE log_head SET actors_after = transfer_seq;

-- As far as it can be told: a purchase was its customer's doing, a receipt its provider's, and a payout was asked for by a
-- person. The guard is put aside meanwhile.
ALTER TABLE transfers DISABLE TRIGGER transfers_stay;
UPDATE transfers SET actor = 'user:' || (SELECT o.user_id FROM orders AS o WHERE o.order_id = transfers.order_id)
 WHERE (kind IN ('purchase', 'tip') OR (kind = 'fee' AND credit = 'fees'))
   AND EXISTS (SELECT 1 FROM orders AS o WHERE o.order_id = transfers.order_id);
UPDATE transfers SET actor = 'provider:' || (SELECT r.provider FROM receipts AS r WHERE r.transfer_id = transfers.transfer_id)
 WHERE transfer_id IN (SELECT transfer_id FROM receipts);
UPDATE transfers SET actor = 'user:' || (SELECT p.user_id FROM payouts AS p WHERE p.seq = transfers.seq)
 WHERE seq IN (SELECT seq FROM payouts);
ALTER TABLE transfers ENABLE TRIGGER transfers_stay;

-- The second line: a deed stays as it was written, and none is taken away.
CREATE TRIGGER deeds_stay BEFORE UPDATE OR DELETE ON deeds
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deeds_remain BEFORE TRUNCATE ON deeds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
