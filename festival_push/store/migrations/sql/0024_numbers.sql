-- The second line: an open order's pickup number is nobody else's at its stall. Should there be doubles, the oldest order
-- keeps the number, and the others get free ones, from the end, where the stall does not call yet.
WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 999),
waiting AS (
    SELECT order_id, vendor_id, number, placed, ROW_NUMBER() OVER (PARTITION BY vendor_id, number ORDER BY placed) AS nth
      FROM orders WHERE status IN ('pending', 'confirmed', 'preparing', 'ready')),
later AS (
    SELECT order_id, vendor_id, ROW_NUMBER() OVER (PARTITION BY vendor_id ORDER BY placed) AS nth
      FROM waiting WHERE nth > 1),
free AS (
    SELECT v.vendor_id, n.number, ROW_NUMBER() OVER (PARTITION BY v.vendor_id ORDER BY n.number DESC) AS nth
      FROM (SELECT DISTINCT vendor_id FROM later) AS v CROSS JOIN numbers AS n
     WHERE NOT EXISTS (SELECT 1 FROM waiting AS w WHERE w.vendor_id = v.vendor_id AND w.number = n.number))
UPDATE orders SET number = free.number
  FROM later JOIN free ON free.vendor_id = later.vendor_id AND free.nth = later.nth
 WHERE orders.order_id = later.order_id;
CREATE UNIQUE INDEX orders_open_number ON orders (vendor_id, number)
    WHERE status IN ('pending', 'confirmed', 'preparing', 'ready');
