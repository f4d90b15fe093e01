-- Not additive: a statement that a server of before has prepared fails once its columns have another collation.
-- What decides whether something was done before is compared byte by byte, as all ids are. By the rules of a language,
-- `anna-2 …` stands between `anna ` and `anna!`; and they change with the system's library, after which an index of
-- before, or of a standby on another system, does not find what is there.
ALTER TABLE kept_answers ALTER COLUMN scope TYPE {id}, ALTER COLUMN key TYPE {id};
ALTER TABLE receipts ALTER COLUMN provider TYPE {id}, ALTER COLUMN external_id TYPE {id};
ALTER TABLE claims ALTER COLUMN provider TYPE {id}, ALTER COLUMN external_id TYPE {id};
ALTER TABLE users ALTER COLUMN top_up_code TYPE {id};
