-- The second line: what is written in the ledger and the log stays as it was written.

CREATE TRIGGER transfers_stay BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'a transfer never changes; correct it by another one'); END;

CREATE TRIGGER transfers_remain BEFORE DELETE ON transfers
BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;

CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;

CREATE TRIGGER event_log_remains BEFORE DELETE ON event_log
WHEN OLD.position > (SELECT trimmed_to FROM log_head WHERE id = 1)
BEGIN SELECT RAISE(ABORT, 'an event is deleted by retention only'); END;
