-- {id}: text in byte order.  {counter}: a whole number that is the primary key, and SQLite's row id.
-- {clustered}: the table is its primary key's index.

CREATE TABLE log_head (
    id SMALLINT PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,
    position BIGINT NOT NULL,
    transfer_seq BIGINT NOT NULL,
    trimmed_to BIGINT NOT NULL CHECK (trimmed_to BETWEEN 0 AND position)
);

CREATE TABLE event_log (
    position {counter},
    topics TEXT NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE log_topics (
    topic {id} NOT NULL,
    position BIGINT NOT NULL,
    notice SMALLINT NOT NULL DEFAULT 0 CHECK (notice IN (0, 1)), -- 1: a new-notification, which pages list and count
    PRIMARY KEY (topic, position)
) {clustered};
CREATE INDEX log_topics_notices ON log_topics (topic, notice, position) WHERE notice = 1;

CREATE TABLE vendors (
    vendor_id {id} PRIMARY KEY,
    name TEXT NOT NULL,
    open SMALLINT NOT NULL CHECK (open IN (0, 1)),
    auto_accept SMALLINT NOT NULL CHECK (auto_accept IN (0, 1)),
    last_number BIGINT NOT NULL,
    number_day TEXT NOT NULL
);

CREATE TABLE users (
    user_id {id} PRIMARY KEY,
    role TEXT NOT NULL CHECK (role IN ('customer', 'vendor', 'admin')),
    name TEXT NOT NULL,
    pin_hash TEXT,
    vendor_id {id} REFERENCES vendors (vendor_id),
    top_up_code TEXT NOT NULL UNIQUE,
    suspended SMALLINT NOT NULL CHECK (suspended IN (0, 1)),
    pin_tries BIGINT NOT NULL,
    pin_window_at BIGINT NOT NULL,
    read_up_to BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    account_id {id} PRIMARY KEY,
    balance BIGINT NOT NULL,
    overdraft SMALLINT NOT NULL CHECK (overdraft IN (0, 1)),
    CONSTRAINT accounts_not_negative CHECK (balance >= 0 OR overdraft = 1)
) {clustered};

CREATE TABLE transfers (
    transfer_id {id} NOT NULL UNIQUE,
    seq {counter},
    kind TEXT NOT NULL,
    debit {id} NOT NULL REFERENCES accounts (account_id),
    credit {id} NOT NULL REFERENCES accounts (account_id),
    amount BIGINT NOT NULL CHECK (amount > 0),
    debit_balance BIGINT NOT NULL,
    credit_balance BIGINT NOT NULL,
    order_id {id},
    note TEXT,
    at BIGINT NOT NULL,
    CONSTRAINT transfers_move CHECK (debit <> credit)
);
CREATE INDEX transfers_debit ON transfers (debit, seq);
CREATE INDEX transfers_credit ON transfers (credit, seq);

CREATE TABLE menu_items (
    item_id {id} PRIMARY KEY,
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price > 0),
    available SMALLINT NOT NULL CHECK (available IN (0, 1)),
    deleted SMALLINT NOT NULL CHECK (deleted IN (0, 1)),
    created_at BIGINT NOT NULL
);
CREATE INDEX menu_items_vendor ON menu_items (vendor_id);

CREATE TABLE orders (
    order_id {id} PRIMARY KEY,
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    vendor_name TEXT NOT NULL,
    user_id {id} NOT NULL REFERENCES users (user_id),
    customer_name TEXT NOT NULL,
    number BIGINT NOT NULL CHECK (number BETWEEN 1 AND 999),
    status TEXT NOT NULL
        CHECK (status IN ('pending', 'confirmed', 'preparing', 'ready', 'completed', 'cancelled')),
    lines TEXT NOT NULL,
    total BIGINT NOT NULL CHECK (total > 0),
    refunded BIGINT NOT NULL CHECK (refunded BETWEEN 0 AND total),
    platform_fee BIGINT NOT NULL,
    fee_refunded BIGINT NOT NULL CHECK (fee_refunded BETWEEN 0 AND platform_fee),
    estimated_time BIGINT,
    reason TEXT,
    placed BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX orders_user ON orders (user_id, placed);
CREATE INDEX orders_vendor ON orders (vendor_id, placed);
CREATE UNIQUE INDEX orders_placed ON orders (placed);
-- Boards, queues and pickup numbers are read from this index alone, however many orders are finished.
CREATE INDEX orders_open ON orders (vendor_id, placed, order_id, user_id, number, status)
    WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');

CREATE TABLE receipts (
    receipt_id {id} PRIMARY KEY,
    provider TEXT NOT NULL,
    external_id TEXT NOT NULL,
    amount BIGINT NOT NULL,
    transfer_id {id} NOT NULL REFERENCES transfers (transfer_id),
    user_id {id} REFERENCES users (user_id),
    held_reason TEXT,
    flagged SMALLINT NOT NULL CHECK (flagged IN (0, 1)),
    donor_name TEXT,
    donor_email TEXT,
    at BIGINT NOT NULL,
    UNIQUE (provider, external_id)
);
CREATE INDEX receipts_held ON receipts (at, receipt_id) WHERE user_id IS NULL;

CREATE TABLE vendor_codes (
    code_hash {id} PRIMARY KEY,
    used_by {id} REFERENCES users (user_id),
    created_at BIGINT NOT NULL
);

CREATE TABLE displays (
    display_id {id} PRIMARY KEY,
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    name TEXT NOT NULL,
    revoked SMALLINT NOT NULL CHECK (revoked IN (0, 1)),
    created_at BIGINT NOT NULL
);

CREATE TABLE spent_tokens (
    jti {id} PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX spent_tokens_expiry ON spent_tokens (expires_at);

CREATE TABLE kept_answers (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);
-- One value to look for, so that a batch asks for all its keys with one list. A key holds no space.
CREATE UNIQUE INDEX kept_answers_once ON kept_answers ((scope || ' ' || key));
CREATE INDEX kept_answers_age ON kept_answers (at);

-- The last batch of each writing process, so that it can find out what became of a COMMIT whose answer was lost.
CREATE TABLE writers (
    writer_id {id} PRIMARY KEY,
    batch BIGINT NOT NULL,
    at BIGINT NOT NULL
);
