-- The second line: a payment request that an order has claimed stays that order's.

CREATE TRIGGER payment_requests_paid_once BEFORE UPDATE ON payment_requests
WHEN OLD.order_id IS NOT NULL AND NEW.order_id IS NOT OLD.order_id
BEGIN SELECT RAISE(ABORT, 'a payment request is paid once'); END;

CREATE TRIGGER payment_requests_stay BEFORE DELETE ON payment_requests WHEN OLD.order_id IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a payment request that was paid is never deleted'); END;
