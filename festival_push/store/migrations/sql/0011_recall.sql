-- When each order became ready for the last time: boards show it, and say so from the index alone.
ALTER TABLE orders ADD COLUMN called_at BIGINT;
UPDATE orders SET called_at = ready_at WHERE ready_at IS NOT NULL;
DROP INDEX orders_open;
CREATE INDEX orders_open ON orders (vendor_id, placed, order_id, user_id, number, status, estimated_time, called_at)
    WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');
