-- What an item says besides its price: the tax in it, the age that it needs, how many are left, and its deposit. Lines of
-- orders keep these in their JSON.
ALTER TABLE menu_items ADD COLUMN tax_bp BIGINT CHECK (tax_bp BETWEEN 0 AND 10000);
ALTER TABLE menu_items ADD COLUMN age_min BIGINT NOT NULL DEFAULT 0 CHECK (age_min BETWEEN 0 AND 99);
ALTER TABLE menu_items ADD COLUMN stock BIGINT CHECK (stock >= 0);
ALTER TABLE menu_items ADD COLUMN deposit BIGINT NOT NULL DEFAULT 0 CHECK (deposit >= 0);
-- A stall may hand over at once what is paid.
ALTER TABLE vendors ADD COLUMN at_once SMALLINT NOT NULL DEFAULT 0 CHECK (at_once IN (0, 1));
ALTER TABLE orders ADD COLUMN at_once SMALLINT NOT NULL DEFAULT 0 CHECK (at_once IN (0, 1));
-- What an order's customer has paid besides the goods and the tip, and what of all that an allowance has paid.
ALTER TABLE orders ADD COLUMN deposit BIGINT NOT NULL DEFAULT 0 CHECK (deposit >= 0);
ALTER TABLE orders ADD COLUMN deposit_refunded BIGINT NOT NULL DEFAULT 0 CHECK (deposit_refunded BETWEEN 0 AND deposit);
ALTER TABLE orders ADD COLUMN allowance BIGINT NOT NULL DEFAULT 0 CHECK (allowance BETWEEN 0 AND total + tip + deposit);
ALTER TABLE orders ADD COLUMN allowance_refunded BIGINT NOT NULL DEFAULT 0
    CHECK (allowance_refunded BETWEEN 0 AND allowance);
-- The desk freezes a wallet, and moves its money to a new person when the phone is lost; and people are erased.
ALTER TABLE users ADD COLUMN frozen SMALLINT NOT NULL DEFAULT 0 CHECK (frozen IN (0, 1));
ALTER TABLE users ADD COLUMN moved_to TEXT REFERENCES users (user_id);
ALTER TABLE users ADD COLUMN erased_at BIGINT;
