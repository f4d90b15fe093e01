-- What each migration was when it was applied, and whether the version before may run beside it.
ALTER TABLE schema_migrations ADD COLUMN hash TEXT;
ALTER TABLE schema_migrations ADD COLUMN additive INTEGER NOT NULL DEFAULT 0;
