-- Payments by who has got them, or was meant to: a person's data are exported and erased by it.
CREATE INDEX receipts_user ON receipts (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX receipts_wanted ON receipts (wanted_user_id) WHERE wanted_user_id IS NOT NULL;
