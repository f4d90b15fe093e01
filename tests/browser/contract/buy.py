"""A program of somebody else, with the client that openapi-python-client makes of our document: it buys one thing."""

import json
import sys

from made import AuthenticatedClient
from made.api.me import show_me
from made.api.orders import list_orders, place_order, show_order
from made.models import MeView, OrderAnswer, OrderViewPage, PlaceOrderBody, Problem, WantedLineBody

url, token, vendor_id, item_id = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=token)
me = show_me.sync(client=client)
assert isinstance(me, MeView), me
wish = PlaceOrderBody(vendor_id=vendor_id, items=[WantedLineBody(item_id=item_id, quantity=2)])
bought = place_order.sync(client=client, body=wish, idempotency_key="one")
assert isinstance(bought, OrderAnswer), bought
missing = show_order.sync(order_id="none", client=client)
assert isinstance(missing, Problem), missing
orders = list_orders.sync(client=client)
assert isinstance(orders, OrderViewPage), orders
said = {"before": me.balance, "total": bought.order.total, "listed": len(orders.items), "refused": missing.code}
sys.stdout.write(json.dumps(said))
