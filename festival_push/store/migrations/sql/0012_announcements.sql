-- What organisers announced, in its present words; the log keeps the first ones, as long as it is kept.
CREATE TABLE announcements (
    announcement_id {id} PRIMARY KEY,
    message TEXT NOT NULL,
    title TEXT,
    audience TEXT NOT NULL CHECK (audience IN ('all', 'customers', 'vendors')),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high')),
    position BIGINT NOT NULL, -- of its new-notification
    created_at BIGINT NOT NULL,
    created_by {id} NOT NULL REFERENCES users (user_id),
    edited_at BIGINT,
    withdrawn_at BIGINT
);
CREATE UNIQUE INDEX announcements_position ON announcements (position);
-- What stands now is read from this index, however long ago the others were made.
CREATE INDEX announcements_standing ON announcements (created_at, position) WHERE withdrawn_at IS NULL;
