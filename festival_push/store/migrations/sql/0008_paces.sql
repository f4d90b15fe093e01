-- How fast each stall works: the mean time an order takes, from how many (up to a bound), and since when it is free for the next.
ALTER TABLE vendors ADD COLUMN pace_ms BIGINT NOT NULL DEFAULT 0 CHECK (pace_ms >= 0);
ALTER TABLE vendors ADD COLUMN measured BIGINT NOT NULL DEFAULT 0 CHECK (measured >= 0);
ALTER TABLE vendors ADD COLUMN free_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN ready_at BIGINT;
-- With the stall's own estimate, so that it needs no look at the table either.
DROP INDEX orders_open;
CREATE INDEX orders_open ON orders (vendor_id, placed, order_id, user_id, number, status, estimated_time)
    WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');
