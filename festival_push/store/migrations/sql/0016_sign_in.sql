-- The name that somebody signs in with, as it is shown to them, and as it is looked up: case, blanks and hyphens don't
-- matter. People of before keep their id. Where two ids differ in those alone, each is looked up as it is written.
ALTER TABLE users ADD COLUMN sign_in TEXT;
ALTER TABLE users ADD COLUMN sign_in_key {id};
UPDATE users SET sign_in = user_id, sign_in_key = lower(replace(user_id, '-', ''));
UPDATE users SET sign_in_key = user_id
 WHERE sign_in_key = ''
    OR sign_in_key IN (SELECT sign_in_key FROM users GROUP BY sign_in_key HAVING COUNT(*) > 1);
CREATE UNIQUE INDEX users_sign_in ON users (sign_in_key);
-- How long the PIN is; 0: not known, because nobody has signed in with it since.
ALTER TABLE users ADD COLUMN pin_digits BIGINT NOT NULL DEFAULT 0 CHECK (pin_digits >= 0 AND pin_digits <= 12);
ALTER TABLE users DROP COLUMN pin_tries;
ALTER TABLE users DROP COLUMN pin_window_at;
-- Wrong PINs: of an account, of an address, of everybody. The keys are keyed hashes: they name nobody, and names that
-- nobody has are counted too.
CREATE TABLE guesses (
    guesses_key {id} PRIMARY KEY,
    failures BIGINT NOT NULL CHECK (failures >= 0),
    since BIGINT NOT NULL,
    free_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX guesses_expiry ON guesses (expires_at);
