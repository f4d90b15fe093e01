-- The log's own clock, which decides what is old; with what the wall clock said meanwhile, for a day.
ALTER TABLE log_head ADD COLUMN clock BIGINT NOT NULL DEFAULT 0;
CREATE TABLE clock_marks (
    clock {counter},
    wall BIGINT NOT NULL
);

-- Until now the wall clock has dated everything, and it may have jumped. So all that is there begins to age now.
DROP TRIGGER event_log_stays;
UPDATE log_head SET clock = COALESCE((SELECT at FROM event_log ORDER BY position DESC LIMIT 1), 0);
UPDATE event_log SET at = (SELECT clock FROM log_head);
UPDATE kept_answers SET at = (SELECT clock FROM log_head);
UPDATE writers SET at = (SELECT clock FROM log_head);
CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
BEGIN SELECT RAISE(ABORT, 'an event never changes'); END;
