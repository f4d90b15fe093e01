-- What every amount in this database is counted in: a currency and the digits after its point. Empty until the first start
-- of a server says it by its settings; once there is money, only that one may start.
ALTER TABLE log_head ADD COLUMN currency TEXT CHECK (length(currency) = 3);
ALTER TABLE log_head ADD COLUMN currency_digits INTEGER CHECK (currency_digits BETWEEN 0 AND 4);
