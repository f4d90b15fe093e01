-- The second line: a payment request that an order has claimed stays that order's.

CREATE TRIGGER payment_requests_paid_once BEFORE UPDATE ON payment_requests
    FOR EACH ROW WHEN (OLD.order_id IS NOT NULL AND NEW.order_id IS DISTINCT FROM OLD.order_id)
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_requests_stay BEFORE DELETE ON payment_requests
    FOR EACH ROW WHEN (OLD.order_id IS NOT NULL) EXECUTE FUNCTION refuse_change();
