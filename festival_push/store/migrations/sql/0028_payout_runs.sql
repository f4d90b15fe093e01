-- Payouts that are paid together, by one file for the bank.
CREATE TABLE payout_runs (
    run_id {id} PRIMARY KEY,
    position BIGINT NOT NULL UNIQUE,
    status TEXT NOT NULL CHECK (status IN ('open', 'sent', 'undone')),
    account TEXT CHECK (account IN ('wallet', 'till')),
    count BIGINT NOT NULL CHECK (count >= 0),
    total BIGINT NOT NULL CHECK (total >= 0),
    execution_date TEXT NOT NULL,
    created_by {id} NOT NULL REFERENCES users (user_id),
    created_at BIGINT NOT NULL,
    settled_by {id} REFERENCES users (user_id),
    settled_at BIGINT
);
-- Where a payout is to be paid, what it costs, and by which run it is paid.
ALTER TABLE payouts ADD COLUMN fee BIGINT NOT NULL DEFAULT 0 CHECK (fee >= 0);
ALTER TABLE payouts ADD COLUMN withdrawn SMALLINT NOT NULL DEFAULT 0
    CHECK (withdrawn IN (0, 1) AND (withdrawn = 0 OR status = 'rejected'));
ALTER TABLE payouts ADD COLUMN iban TEXT;
ALTER TABLE payouts ADD COLUMN account_holder TEXT;
ALTER TABLE payouts ADD COLUMN run_id {id} REFERENCES payout_runs (run_id);
CREATE INDEX payouts_run ON payouts (run_id, seq) WHERE run_id IS NOT NULL;
