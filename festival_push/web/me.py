"""The caller's own: who they are, what they have, and what moved."""

from typing import Final

from msgspec import UNSET
from starlette.responses import Response

from festival_push.domain.refusals import NotFound
from festival_push.domain.rooms import room_name
from festival_push.domain.rows import User
from festival_push.domain.topics import own_topics
from festival_push.domain.values import AccountId, user_account
from festival_push.store.reads import Profile
from festival_push.web.calls import Call, NoQuery, PageQuery, json_response
from festival_push.web.endpoints import USER, Endpoint
from festival_push.web.views import (
    MeView,
    NoticeView,
    Page,
    SnapshotView,
    TransactionView,
    notice_view,
    order_view,
    page_of,
    transaction_view,
)


async def show_me(call: Call) -> Response:
    """GET /v1/me."""
    call.query(NoQuery)
    profile = await read_profile(call)
    user = profile.user
    me = MeView(
        user_id=user.user_id,
        user_type=user.role,
        name=user.name,
        balance=profile.balance,
        currency=call.services.rules.currency,
        top_up_code=user.top_up_code,
        vendor_id=UNSET if user.vendor_id is None else user.vendor_id,
        orders=tuple(order_view(seen.order, seen.queue_position, seen.estimated_time) for seen in profile.orders),
        unread=profile.unread,
        position=profile.position,
    )
    return json_response(me)


async def list_transactions(call: Call) -> Response:
    """GET /v1/me/transactions: of the caller's wallet; a stall keeper's is the stall's till."""
    query = call.query(PageQuery)
    account = own_account(call.user().user)
    found = await call.services.reads.transactions(account, before=query.before, limit=query.limit + 1)
    shown = found[: query.limit]
    page = page_of(
        [transaction_view(transfer, account) for transfer in shown],
        next_before=shown[-1].seq if len(found) > len(shown) else None,
    )
    return json_response(page)


async def list_notifications(call: Call) -> Response:
    """GET /v1/me/notifications: to the caller, their role and everyone; newest first, as far as the log is kept."""
    query = call.query(PageQuery)
    user = await call.services.reads.user(call.user().user.user_id)  # not as remembered: they may just have read some
    if user is None:
        raise NotFound(what="user")
    found = await call.services.reads.notifications(own_topics(user), before=query.before, limit=query.limit + 1)
    shown = found[: query.limit]
    next_before = shown[-1].position if len(found) > len(shown) else None
    return json_response(
        page_of([notice_view(row, read_up_to=user.read_up_to) for row in shown], next_before=next_before)
    )


async def read_profile(call: Call) -> Profile:
    """Everything about the caller, read at one position. Raises NotFound."""
    profile = await call.services.reads.profile(call.user().user.user_id)
    if profile is None:
        raise NotFound(what="user")
    return profile


def snapshot_view(profile: Profile, currency: str) -> SnapshotView:
    """The state that a new stream begins with. The rooms are those that it follows besides its own topics."""
    return SnapshotView(
        balance=profile.balance,
        currency=currency,
        orders=tuple(order_view(seen.order, seen.queue_position, seen.estimated_time) for seen in profile.orders),
        unread=profile.unread,
        rooms=tuple(map(room_name, profile.rooms)),
    )


def own_account(user: User) -> AccountId:
    """The account that a person looks at as theirs."""
    return user_account(user.user_id if user.vendor_id is None else user.vendor_id)


ENDPOINTS: Final = (
    Endpoint("GET", "/v1/me", show_me, USER, query=NoQuery, answers={200: MeView}, refuses=(NotFound,)),
    Endpoint(
        "GET", "/v1/me/transactions", list_transactions, USER, query=PageQuery, answers={200: Page[TransactionView]}
    ),
    Endpoint(
        "GET",
        "/v1/me/notifications",
        list_notifications,
        USER,
        query=PageQuery,
        answers={200: Page[NoticeView]},
        refuses=(NotFound,),
    ),
)
