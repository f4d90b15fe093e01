CREATE TABLE payment_requests (
    request_id {id} PRIMARY KEY,
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    lines TEXT NOT NULL,
    total BIGINT NOT NULL CHECK (total > 0),
    order_id {id} UNIQUE REFERENCES orders (order_id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > created_at)
);
-- What nobody has paid is deleted some time after it has expired.
CREATE INDEX payment_requests_unpaid ON payment_requests (expires_at) WHERE order_id IS NULL;
