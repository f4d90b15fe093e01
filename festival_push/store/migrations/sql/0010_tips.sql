-- What the customer adds for the stall: paid by a transfer of its own, given back when the order is cancelled.
ALTER TABLE orders ADD COLUMN tip BIGINT NOT NULL DEFAULT 0 CHECK (tip >= 0);
ALTER TABLE orders ADD COLUMN tip_refunded BIGINT NOT NULL DEFAULT 0 CHECK (tip_refunded IN (0, tip));
