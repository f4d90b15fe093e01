-- Whose payment a transfer's money is of, and what takes what back. Desk money gets accounts of its own: until now a
-- method of the desk and a provider of the same name shared one.
ALTER TABLE transfers ADD COLUMN receipt_id {id};
ALTER TABLE transfers ADD COLUMN reverses {id} REFERENCES transfers (transfer_id);
CREATE INDEX transfers_receipt ON transfers (receipt_id) WHERE receipt_id IS NOT NULL;
CREATE INDEX transfers_reverses ON transfers (reverses) WHERE reverses IS NOT NULL;

-- How much of a receipt is held, and for whom it was meant; a part of a payout may be back.
ALTER TABLE receipts ADD COLUMN held BIGINT NOT NULL DEFAULT 0 CHECK (held BETWEEN 0 AND amount);
ALTER TABLE receipts ADD COLUMN returned BIGINT NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND amount);
ALTER TABLE receipts ADD COLUMN wanted_user_id {id};
ALTER TABLE receipts ADD COLUMN wanted_code TEXT;
UPDATE receipts SET held = amount WHERE user_id IS NULL;
DROP INDEX receipts_held;
CREATE INDEX receipts_held ON receipts (at, receipt_id) WHERE held > 0;
ALTER TABLE payouts ADD COLUMN reversed BIGINT NOT NULL DEFAULT 0 CHECK (reversed BETWEEN 0 AND amount);

-- Codes are found however they were typed; `domain/people/codes.py` has the same words.
CREATE INDEX users_code ON users (
    replace(replace(replace(upper(replace(replace(top_up_code, '-', ''), ' ', '')), 'O', '0'), 'I', '1'), 'L', '1'));

-- What providers take back, and proven payments that could not be read.
CREATE TABLE claims (
    claim_id {id} PRIMARY KEY,
    provider TEXT NOT NULL,
    external_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    receipt_id {id} NOT NULL, -- of the payment, which may come later
    kind TEXT NOT NULL CHECK (kind IN ('refund', 'dispute')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    taken BIGINT NOT NULL CHECK (taken >= 0),
    lost BIGINT NOT NULL CHECK (lost >= 0),
    status TEXT NOT NULL CHECK (status IN ('waiting', 'taken', 'won')),
    user_id {id} REFERENCES users (user_id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT claims_once UNIQUE (provider, external_id),
    CONSTRAINT claims_bounded CHECK (taken + lost <= amount)
);
CREATE INDEX claims_receipt ON claims (receipt_id);
CREATE INDEX claims_created ON claims (created_at, claim_id);
CREATE TABLE unread_receipts (
    unread_id {id} PRIMARY KEY,
    provider TEXT NOT NULL,
    external_id TEXT,
    meaning TEXT NOT NULL,
    field TEXT NOT NULL,
    detail TEXT NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'booked', 'dismissed')),
    receipt_id {id} REFERENCES receipts (receipt_id),
    answered_by {id} REFERENCES users (user_id),
    reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT unread_receipts_booked CHECK ((status = 'booked') = (receipt_id IS NOT NULL)),
    CONSTRAINT unread_receipts_answered CHECK ((status = 'waiting') = (answered_by IS NULL))
);
CREATE INDEX unread_receipts_created ON unread_receipts (created_at, unread_id);
CREATE INDEX unread_receipts_waiting ON unread_receipts (created_at, unread_id) WHERE status = 'waiting';

-- What is written already is said anew, with the guards put aside meanwhile.
DROP TRIGGER transfers_stay ON transfers;
DROP TRIGGER event_log_stays ON event_log;

UPDATE transfers SET receipt_id = (SELECT r.receipt_id FROM receipts AS r WHERE r.transfer_id = transfers.transfer_id)
 WHERE transfer_id IN (SELECT transfer_id FROM receipts);
UPDATE transfers SET receipt_id = (
    SELECT r.receipt_id FROM receipts AS r WHERE r.transfer_id || '-assigned' = transfers.transfer_id)
 WHERE debit = 'held' AND transfer_id IN (SELECT transfer_id || '-assigned' FROM receipts);
UPDATE transfers SET reverses = (SELECT p.payout_id || '-asked' FROM payouts AS p
                                  WHERE p.payout_id || '-rejected' = transfers.transfer_id)
 WHERE kind = 'payout' AND transfer_id IN (SELECT payout_id || '-rejected' FROM payouts);

-- Money with a receipt came from a provider, all other from the desk, whatever the name.
INSERT INTO accounts (account_id, balance, overdraft)
SELECT DISTINCT CASE WHEN receipt_id IS NULL THEN 'desk:' ELSE 'provider:' END || substr(debit, 7), 0, 1
  FROM transfers WHERE debit >= 'funds:' AND debit < 'funds;';
UPDATE transfers SET debit = CASE WHEN receipt_id IS NULL THEN 'desk:' ELSE 'provider:' END || substr(debit, 7)
 WHERE debit >= 'funds:' AND debit < 'funds;';
CREATE TABLE running (
    account_id {id} NOT NULL, seq BIGINT NOT NULL, balance BIGINT NOT NULL, PRIMARY KEY (account_id, seq));
INSERT INTO running (account_id, seq, balance)
SELECT debit, seq, CAST(SUM(-amount) OVER (PARTITION BY debit ORDER BY seq) AS BIGINT)
  FROM transfers
 WHERE (debit >= 'desk:' AND debit < 'desk;') OR (debit >= 'provider:' AND debit < 'provider;');
UPDATE transfers SET debit_balance = r.balance FROM running AS r
 WHERE r.account_id = transfers.debit AND r.seq = transfers.seq;
UPDATE accounts SET balance = (
    SELECT r.balance FROM running AS r WHERE r.account_id = accounts.account_id ORDER BY r.seq DESC LIMIT 1)
 WHERE account_id IN (SELECT account_id FROM running);
DELETE FROM accounts WHERE account_id >= 'funds:' AND account_id < 'funds;';
DROP TABLE running;
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('debit', t.debit))::text
  FROM transfers AS t
 WHERE event_log.type = 'new-transaction' AND t.transfer_id = event_log.data::jsonb ->> 'transactionId'
   AND event_log.data::jsonb ->> 'debit' LIKE 'funds:%';

CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
