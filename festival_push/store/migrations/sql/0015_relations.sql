-- A person keeps any number of stalls, and a stall has any number of keepers. The row goes when the person is dismissed.
CREATE TABLE keepers (
    keeper_id {id} PRIMARY KEY, -- `<vendor_id> <user_id>`: ids hold no space
    vendor_id {id} NOT NULL REFERENCES vendors (vendor_id),
    user_id {id} NOT NULL REFERENCES users (user_id),
    part TEXT NOT NULL CHECK (part IN ('owner', 'keeper')),
    created_at BIGINT NOT NULL,
    UNIQUE (vendor_id, user_id)
);
CREATE INDEX keepers_user ON keepers (user_id);
-- A stall had the id of the person who opened it.
INSERT INTO keepers (keeper_id, vendor_id, user_id, part, created_at)
SELECT vendor_id || ' ' || user_id, vendor_id, user_id, CASE WHEN vendor_id = user_id THEN 'owner' ELSE 'keeper' END,
       created_at
  FROM users WHERE vendor_id IS NOT NULL;

ALTER TABLE users ADD COLUMN admin SMALLINT NOT NULL DEFAULT 0 CHECK (admin IN (0, 1));
ALTER TABLE users ADD COLUMN cashier SMALLINT NOT NULL DEFAULT 0 CHECK (cashier IN (0, 1));
UPDATE users SET admin = 1 WHERE role = 'admin';
-- The organisers are looked up whenever one of them is about to lose their rights.
DROP INDEX users_role;
CREATE INDEX users_admin ON users (admin) WHERE admin = 1;

-- Whether an owner or keeper who is not suspended exists.
ALTER TABLE vendors ADD COLUMN attended SMALLINT NOT NULL DEFAULT 1 CHECK (attended IN (0, 1));
UPDATE vendors SET attended = 0 WHERE NOT EXISTS (
    SELECT 1 FROM keepers AS k JOIN users AS u ON u.user_id = k.user_id
     WHERE k.vendor_id = vendors.vendor_id AND u.suspended = 0);

ALTER TABLE users DROP COLUMN role;
ALTER TABLE users DROP COLUMN vendor_id;

-- With what each open order holds in the till, so that payouts need no look at the table either.
DROP INDEX orders_open;
CREATE INDEX orders_open ON orders (
    vendor_id, placed, order_id, user_id, number, status, estimated_time, called_at,
    total, tip, platform_fee, refunded, tip_refunded, fee_refunded)
    WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');
