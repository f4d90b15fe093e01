-- How many messages each side has sent about an order; those of before are not counted.
ALTER TABLE orders ADD COLUMN customer_messages BIGINT NOT NULL DEFAULT 0 CHECK (customer_messages >= 0);
ALTER TABLE orders ADD COLUMN vendor_messages BIGINT NOT NULL DEFAULT 0 CHECK (vendor_messages >= 0);
-- What is listed, and counted before there may be one more: at the same cost, however much was taken away again.
DROP INDEX menu_items_vendor;
CREATE INDEX menu_items_on_menu ON menu_items (vendor_id, created_at, item_id) WHERE deleted = 0;
DROP INDEX displays_vendor;
CREATE INDEX displays_in_use ON displays (vendor_id, created_at) WHERE revoked = 0;
CREATE INDEX payouts_user ON payouts (user_id, status);
