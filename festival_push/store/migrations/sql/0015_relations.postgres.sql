-- A person keeps any number of stalls, and a stall has any number of keepers. The row goes with the dismissal.
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

-- Each stall gets a till and a topic of its own. Until now both were those of the person who opened it, so each
-- transfer and each event of such a person is the stall's or the person's. What is told of the money is changed too.
DROP TRIGGER transfers_stay ON transfers;
DROP TRIGGER event_log_stays ON event_log;

-- The stalls, and the transfer of their first sale (NULL: none). Before it, payouts can only have been of own money.
CREATE TABLE moving (
    vendor_id {id} PRIMARY KEY, wallet {id} NOT NULL UNIQUE, till {id} NOT NULL UNIQUE, first_sale BIGINT);
INSERT INTO moving (vendor_id, wallet, till, first_sale)
SELECT v.vendor_id, 'user:' || v.vendor_id, 'till:' || v.vendor_id,
       (SELECT MIN(t.seq) FROM transfers AS t WHERE t.credit = 'user:' || v.vendor_id AND t.kind = 'purchase')
  FROM vendors AS v;
INSERT INTO accounts (account_id, balance, overdraft) SELECT till, 0, 1 FROM moving;

UPDATE transfers SET debit = m.till FROM moving AS m
 WHERE m.wallet = transfers.debit
   AND (transfers.kind IN ('refund', 'fee') OR (transfers.kind = 'payout' AND transfers.seq > m.first_sale));
UPDATE transfers SET credit = m.till FROM moving AS m
 WHERE m.wallet = transfers.credit
   AND (transfers.kind IN ('purchase', 'tip', 'fee')
        OR (transfers.kind = 'payout' AND EXISTS (
            SELECT 1 FROM payouts AS p
             WHERE p.payout_id || '-rejected' = transfers.transfer_id AND p.seq > m.first_sale)));

-- The balances of the accounts concerned, after each of their transfers.
CREATE TABLE running (
    account_id {id} NOT NULL, seq BIGINT NOT NULL, balance BIGINT NOT NULL, PRIMARY KEY (account_id, seq));
INSERT INTO running (account_id, seq, balance)
SELECT account_id, seq, CAST(SUM(moved) OVER (PARTITION BY account_id ORDER BY seq) AS BIGINT)
  FROM (SELECT debit AS account_id, seq, -amount AS moved FROM transfers
        UNION ALL SELECT credit, seq, amount FROM transfers) AS side
 WHERE account_id IN (SELECT wallet FROM moving UNION ALL SELECT till FROM moving);
UPDATE transfers SET debit_balance = r.balance FROM running AS r
 WHERE r.account_id = transfers.debit AND r.seq = transfers.seq;
UPDATE transfers SET credit_balance = r.balance FROM running AS r
 WHERE r.account_id = transfers.credit AND r.seq = transfers.seq;
UPDATE accounts SET balance = COALESCE(
    (SELECT r.balance FROM running AS r WHERE r.account_id = accounts.account_id ORDER BY r.seq DESC LIMIT 1), 0)
 WHERE account_id IN (SELECT wallet FROM moving UNION ALL SELECT till FROM moving);
UPDATE accounts SET overdraft = 0 WHERE account_id IN (SELECT wallet FROM moving) AND balance >= 0;

DROP INDEX payouts_owner;
ALTER TABLE payouts RENAME COLUMN owner_id TO account_id;
UPDATE payouts SET account_id = COALESCE(
    (SELECT m.till FROM moving AS m WHERE m.vendor_id = payouts.account_id AND payouts.seq > m.first_sale),
    'user:' || account_id);
CREATE INDEX payouts_account ON payouts (account_id, seq);

-- What people were told of these balances. An event without a transfer repeats the balance that was told before it.
CREATE TABLE told (
    position BIGINT PRIMARY KEY, account_id {id} NOT NULL, balance BIGINT NOT NULL, amount BIGINT NOT NULL);
INSERT INTO told (position, account_id, balance, amount)
SELECT e.position, CASE WHEN e.amount < 0 THEN t.debit ELSE t.credit END,
       CASE WHEN e.amount < 0 THEN t.debit_balance ELSE t.credit_balance END, e.amount
  FROM (SELECT position, data::jsonb ->> 'userId' AS user_id, data::jsonb ->> 'transactionId' AS transaction_id,
               CAST(data::jsonb ->> 'amount' AS BIGINT) AS amount
          FROM event_log WHERE type = 'balance-updated') AS e
  JOIN moving AS m ON m.vendor_id = e.user_id
  JOIN transfers AS t ON t.transfer_id = e.transaction_id;
INSERT INTO told (position, account_id, balance, amount)
SELECT e.position, m.till, COALESCE(
        (SELECT b.balance FROM told AS b WHERE b.account_id = m.till AND b.position < e.position
          ORDER BY b.position DESC LIMIT 1),
        (SELECT b.balance - b.amount FROM told AS b WHERE b.account_id = m.till AND b.position > e.position
          ORDER BY b.position LIMIT 1),
        (SELECT a.balance FROM accounts AS a WHERE a.account_id = m.till)), 0
  FROM (SELECT position, data::jsonb ->> 'userId' AS user_id FROM event_log
         WHERE type = 'balance-updated' AND data::jsonb ->> 'transactionId' IS NULL) AS e
  JOIN moving AS m ON m.vendor_id = e.user_id;
UPDATE event_log SET data = (
    data::jsonb || jsonb_build_object('newBalance', told.balance, 'oldBalance', told.balance - told.amount))::text
  FROM told WHERE told.position = event_log.position;
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('account', 'till', 'vendorId', m.vendor_id))::text
  FROM told JOIN moving AS m ON m.till = told.account_id WHERE told.position = event_log.position;
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('account', 'wallet'))::text
 WHERE type = 'payment-completed'
    OR (type = 'balance-updated' AND NOT EXISTS (
        SELECT 1 FROM told JOIN moving AS m ON m.till = told.account_id WHERE told.position = event_log.position));
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('debit', t.debit, 'credit', t.credit))::text
  FROM transfers AS t
 WHERE event_log.type = 'new-transaction' AND t.transfer_id = event_log.data::jsonb ->> 'transactionId'
   AND (t.debit IN (SELECT till FROM moving) OR t.credit IN (SELECT till FROM moving));
UPDATE event_log SET data = (
    data::jsonb || jsonb_build_object('account', 'wallet', 'userId', o.user_id, 'vendorId', o.vendor_id))::text
  FROM orders AS o WHERE event_log.type = 'order-refunded' AND o.order_id = event_log.data::jsonb ->> 'orderId';
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('account', 'till', 'vendorId', o.vendor_id))::text
  FROM orders AS o WHERE event_log.type = 'payment-request-paid' AND o.order_id = event_log.data::jsonb ->> 'orderId';

-- Events of an order say whose it is and where.
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('userId', o.user_id, 'vendorId', o.vendor_id))::text
  FROM orders AS o
 WHERE event_log.type IN ('new-order', 'order-status-changed', 'order-ready')
   AND o.order_id = event_log.data::jsonb ->> 'orderId';
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('userId', o.user_id))::text
  FROM orders AS o WHERE event_log.type = 'queue-updated' AND o.order_id = event_log.data::jsonb ->> 'orderId';

-- Which events are the stall's: by their type, by the place of its topic among several, by the money, and messages that
-- customers have sent. All else stays with the person.
CREATE TABLE renamed (position BIGINT PRIMARY KEY, wallet {id} NOT NULL, stall {id} NOT NULL);
INSERT INTO renamed (position, wallet, stall)
SELECT e.position, m.wallet, 'stall:' || m.vendor_id
  FROM log_topics AS l JOIN moving AS m ON m.wallet = l.topic JOIN event_log AS e ON e.position = l.position
 WHERE e.type IN ('new-order', 'payment-request-paid', 'display-waiting', 'customer-message', 'menu-updated',
                  'vendor-updated')
    OR (e.type IN ('order-status-changed', 'customer-coming', 'order-refunded') AND e.topics::jsonb ->> 1 = l.topic)
    OR (e.type = 'balance-updated' AND EXISTS (
        SELECT 1 FROM told WHERE told.position = e.position AND told.account_id = m.till))
    OR (e.type = 'new-notification' AND e.data::jsonb ->> 'type' = 'message' AND EXISTS (
        SELECT 1 FROM orders AS o WHERE o.order_id = e.data::jsonb ->> 'orderId' AND o.vendor_id = m.vendor_id));
UPDATE event_log SET data = (data::jsonb || jsonb_build_object('vendorId', m.vendor_id))::text
  FROM renamed AS r JOIN moving AS m ON m.wallet = r.wallet
 WHERE event_log.type = 'new-notification' AND r.position = event_log.position;
UPDATE event_log SET topics = REPLACE(topics, to_json(r.wallet)::text, to_json(r.stall)::text)
  FROM renamed AS r WHERE r.position = event_log.position;
UPDATE log_topics SET topic = r.stall FROM renamed AS r
 WHERE r.position = log_topics.position AND r.wallet = log_topics.topic;

-- An organiser who had joined the room of such a person wanted the stall: both, then.
UPDATE rooms SET topics = (
    SELECT json_agg(name ORDER BY place, beside)::text FROM (
        SELECT each.value AS name, each.place, 0 AS beside
          FROM json_array_elements_text(rooms.topics::json) WITH ORDINALITY AS each (value, place)
        UNION ALL
        SELECT 'stall:' || m.vendor_id, each.place, 1
          FROM json_array_elements_text(rooms.topics::json) WITH ORDINALITY AS each (value, place)
          JOIN moving AS m ON m.wallet = each.value) AS named)
 WHERE EXISTS (SELECT 1 FROM json_array_elements_text(rooms.topics::json) AS each (value)
                 JOIN moving AS m ON m.wallet = each.value);

DROP TABLE renamed;
DROP TABLE told;
DROP TABLE running;
DROP TABLE moving;

CREATE TRIGGER transfers_stay BEFORE UPDATE OR DELETE ON transfers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_log_stays BEFORE UPDATE ON event_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
