-- The server, and its line of history, on which the log was last written: another one may lack the last commits.
ALTER TABLE log_head ADD COLUMN written_on TEXT;
