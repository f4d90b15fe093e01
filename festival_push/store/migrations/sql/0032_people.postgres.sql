-- Payments by who has got them, or was meant to: a person's data are exported and erased by it.
CREATE INDEX receipts_user ON receipts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX receipts_wanted ON receipts (wanted_user_id) WHERE wanted_user_id IS NOT NULL;

-- The words of an event change by the erasing of a person, and by nothing else: the transaction that does it has a row
-- here, and has taken it away again when it commits. Where an event stands, and what kind it is, never changes.
CREATE TABLE erasing (
    id BIGINT PRIMARY KEY CHECK (id = 1)
);
CREATE FUNCTION refuse_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM erasing) OR NEW.position <> OLD.position OR NEW.topics <> OLD.topics
        OR NEW.type <> OLD.type OR NEW.at <> OLD.at THEN
        RAISE EXCEPTION 'an event never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER event_log_stays ON event_log;
CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
    FOR EACH ROW EXECUTE FUNCTION refuse_unless_erasing();
