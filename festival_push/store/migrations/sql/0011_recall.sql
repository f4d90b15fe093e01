-- When an order was last called, when it was completed (a recall is possible for some time), and when its customer said
-- that they are coming.
ALTER TABLE orders ADD COLUMN called_at BIGINT;
ALTER TABLE orders ADD COLUMN completed_at BIGINT;
ALTER TABLE orders ADD COLUMN coming_at BIGINT;
-- Of an order's calls only the first is known. Where not even that is, a ready order has not changed since its call.
UPDATE orders SET called_at = COALESCE(ready_at, updated_at) WHERE ready_at IS NOT NULL OR status = 'ready';
UPDATE orders SET completed_at = updated_at WHERE status = 'completed';
-- With the last call, so that the boards need no look at the table either.
DROP INDEX orders_open;
CREATE INDEX orders_open ON orders (vendor_id, placed, order_id, user_id, number, status, estimated_time, called_at)
    WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');
