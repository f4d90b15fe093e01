-- Z reports: what a stall or the festival sold since the one before, kept for good.
CREATE TABLE z_reports (
    z_report_id {id} PRIMARY KEY,
    scope {id} NOT NULL,
    number BIGINT NOT NULL CHECK (number >= 1),
    after_seq BIGINT NOT NULL CHECK (after_seq >= 0),
    up_to_seq BIGINT NOT NULL REFERENCES transfers (seq),
    after_at BIGINT,
    at BIGINT NOT NULL,
    actor {id} NOT NULL,
    figures TEXT NOT NULL,
    CONSTRAINT z_reports_go_on CHECK (after_seq < up_to_seq)
);
CREATE UNIQUE INDEX z_reports_number ON z_reports (scope, number);
CREATE UNIQUE INDEX z_reports_after ON z_reports (scope, after_seq);
CREATE TRIGGER z_reports_stay BEFORE UPDATE ON z_reports
BEGIN SELECT RAISE(ABORT, 'a Z report never changes'); END;
CREATE TRIGGER z_reports_remain BEFORE DELETE ON z_reports
BEGIN SELECT RAISE(ABORT, 'a Z report is never deleted'); END;
-- A till's movements by time, so that what a stall sold on a day is counted from the index alone.
CREATE INDEX transfers_into_tills ON transfers (credit, at, kind, amount) WHERE credit >= 'till:' AND credit < 'till;';
CREATE INDEX transfers_out_of_tills ON transfers (debit, at, kind, amount) WHERE debit >= 'till:' AND debit < 'till;';
-- By time, too: all that is neither a sale nor of one; deposits that went back with orders. And the refunds of an order.
CREATE INDEX transfers_of_office ON transfers (at)
    WHERE kind NOT IN ('purchase', 'tip', 'fee', 'refund', 'deposit', 'allowance');
CREATE INDEX transfers_deposits_back ON transfers (at)
    WHERE kind = 'deposit' AND order_id IS NOT NULL AND credit >= 'user:' AND credit < 'user;';
CREATE INDEX transfers_refunds ON transfers (order_id, seq) WHERE kind = 'refund';
