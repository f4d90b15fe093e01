-- No two stalls have names that people take for one. The program fills the keys of the stalls that are here already.
CREATE TABLE vendor_names (
    vendor_id {id} PRIMARY KEY REFERENCES vendors (vendor_id),
    name_key {id} NOT NULL UNIQUE
);

-- Who has made what acts in a stall's name, so that it can end with them; not known of what is older.
ALTER TABLE displays ADD COLUMN created_by {id} REFERENCES users (user_id);
ALTER TABLE pairings ADD COLUMN created_by {id} REFERENCES users (user_id);
ALTER TABLE payment_requests ADD COLUMN created_by {id} REFERENCES users (user_id);
CREATE INDEX displays_by ON displays (created_by) WHERE revoked = 0;
CREATE INDEX pairings_by ON pairings (created_by) WHERE status = 'waiting';
CREATE INDEX payment_requests_by ON payment_requests (created_by) WHERE order_id IS NULL;
