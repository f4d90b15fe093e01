-- Cash drawers: one row an opening. A cashier has one that is open at most.
CREATE TABLE drawers (
    drawer_id {id} PRIMARY KEY,
    name TEXT NOT NULL,
    cashier_id {id} NOT NULL REFERENCES users (user_id),
    opened_at BIGINT NOT NULL,
    opened_after BIGINT NOT NULL,
    float_amount BIGINT NOT NULL CHECK (float_amount >= 0),
    closed_at BIGINT,
    closed_after BIGINT,
    closed_by {id} REFERENCES users (user_id),
    counted BIGINT CHECK (counted >= 0),
    difference BIGINT,
    reason TEXT,
    CONSTRAINT drawers_closed CHECK (
        (closed_at IS NULL) = (closed_after IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL)
        AND (closed_at IS NULL) = (counted IS NULL) AND (closed_at IS NULL) = (difference IS NULL)),
    CONSTRAINT drawers_explained CHECK (difference = 0 OR reason IS NOT NULL)
);
CREATE UNIQUE INDEX drawers_open ON drawers (cashier_id) WHERE closed_at IS NULL;
CREATE INDEX drawers_opened ON drawers (opened_at, drawer_id);
CREATE INDEX drawers_cashier ON drawers (cashier_id, opened_at, drawer_id);

-- Payouts in cash at the desk name their drawer.
ALTER TABLE payouts ADD COLUMN drawer_id {id} REFERENCES drawers (drawer_id);
CREATE INDEX payouts_at_desk ON payouts (drawer_id) WHERE drawer_id IS NOT NULL;
-- What a cashier has taken by other methods while a drawer was open.
CREATE INDEX transfers_at_desk ON transfers (actor, seq) WHERE debit >= 'desk:' AND debit < 'desk;';

-- A day's sum at the desk counts payouts beside top-ups, and goes down again by what is taken back: to 0, too.
CREATE TABLE desk_sums_counted (
    user_id {id} PRIMARY KEY REFERENCES users (user_id),
    day TEXT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    paid_out BIGINT NOT NULL DEFAULT 0 CHECK (paid_out >= 0)
);
INSERT INTO desk_sums_counted (user_id, day, amount) SELECT user_id, day, amount FROM desk_sums;
DROP TABLE desk_sums;
ALTER TABLE desk_sums_counted RENAME TO desk_sums;
