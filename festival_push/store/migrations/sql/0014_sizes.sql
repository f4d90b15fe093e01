-- How many messages each side has sent about an order; those of before are not counted.
ALTER TABLE orders ADD COLUMN customer_messages BIGINT NOT NULL DEFAULT 0 CHECK (customer_messages >= 0);
ALTER TABLE orders ADD COLUMN vendor_messages BIGINT NOT NULL DEFAULT 0 CHECK (vendor_messages >= 0);
-- What is counted before there may be one more: by these indexes alone, however much was taken away again.
CREATE INDEX menu_items_on_menu ON menu_items (vendor_id) WHERE deleted = 0;
CREATE INDEX displays_in_use ON displays (vendor_id) WHERE revoked = 0;
CREATE INDEX payouts_open ON payouts (user_id) WHERE status = 'requested';
