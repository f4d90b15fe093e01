"""Words from the organiser to everyone: made, listed with whom they have reached, edited, and withdrawn."""

from typing import Annotated, Final

from msgspec import UNSET, UnsetType
from msgspec.structs import asdict
from starlette.responses import Response

from festival_push.domain.people.relations import Act
from festival_push.domain.rows import Announcement
from festival_push.domain.values import AnnouncementId, Audience, Instant, Priority, UserId, rfc3339
from festival_push.domain.words.announcements import (
    STANDING_MAX,
    STANDS_MS,
    Announce,
    EditAnnouncement,
    WithdrawAnnouncement,
    audiences_of,
)
from festival_push.store.reads.announcements import Reached
from festival_push.store.writing.answers import Committed
from festival_push.web.api.views import Page, View, only_page, page
from festival_push.web.identity.principal import Principal
from festival_push.web.parsing.fields import Body, Changes, Message, Name, clean_message, given, left_out, line_of
from festival_push.web.parsing.ids import new_id
from festival_push.web.parsing.queries import NoQuery, PageQuery
from festival_push.web.parsing.text import NAME_CHARS_MAX, clean_line, clean_name
from festival_push.web.routing.access import who_may
from festival_push.web.routing.endpoint import Access, Call, Endpoints, Key, json_response

ENDPOINTS: Final = Endpoints()

_SPEAKERS: Final = who_may(Act.ANNOUNCE)

_LISTENERS: Final = frozenset({Access.USER, Access.DISPLAY, Access.PASSER_BY})

Title = Annotated[str, line_of(NAME_CHARS_MAX, blank=True)]


class AnnouncementBody(Body, frozen=True, kw_only=True):
    """What the organiser says, and to whom."""

    message: Message
    title: Name | UnsetType = UNSET
    audience: Audience
    priority: Priority | UnsetType = UNSET


class EditAnnouncementBody(Changes, frozen=True, kw_only=True):
    """New words; what is left out stays as it is. An empty title takes the title away."""

    message: Message | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    priority: Priority | UnsetType = UNSET


class AnnouncementView(View, frozen=True, kw_only=True):
    """An announcement as it was made."""

    announcement_id: AnnouncementId
    notification_id: str
    audience: Audience
    message: str
    title: str | UnsetType = UNSET
    priority: str | UnsetType = UNSET
    timestamp: str
    position: int


class StandingView(View, frozen=True, kw_only=True):
    """An announcement in its present words."""

    announcement_id: AnnouncementId
    audience: Audience
    message: str
    title: str | UnsetType = UNSET
    priority: Priority
    created_at: str
    edited_at: str | UnsetType = UNSET


class ReachView(View, frozen=True, kw_only=True):
    """How many people the audience has, without suspended ones, and how many of them have read the announcement."""

    people: int
    read: int


class ListedAnnouncementView(StandingView, frozen=True, kw_only=True):
    """An announcement, and whom it has reached."""

    withdrawn_at: str | UnsetType = UNSET
    created_by: UserId
    position: int
    reach: ReachView


@ENDPOINTS.get("/v1/announcements", _LISTENERS, query=NoQuery, answers={200: Page[StandingView]})
async def show_announcements(call: Call) -> Response:
    """GET /v1/announcements: what stands now for the caller, newest first: not withdrawn, and not too old."""
    call.query(NoQuery)
    caller = call.principal
    audiences = audiences_of(caller.person if isinstance(caller, Principal) else None)
    since = Instant(call.services.now() - STANDS_MS)
    found = await call.services.reads.standing_announcements(audiences, since=since, limit=STANDING_MAX)
    return json_response(only_page(map(_standing_view, found)))


@ENDPOINTS.get("/v1/admin/announcements", _SPEAKERS, query=PageQuery, answers={200: Page[ListedAnnouncementView]})
async def list_announcements(call: Call) -> Response:
    """GET /v1/admin/announcements: newest first, also those that were withdrawn."""
    query = call.query(PageQuery)
    found = await call.services.reads.announcements(before=query.before, limit=query.limit + 1)
    return json_response(page(found, query.limit, _listed_view, before=lambda each: each.announcement.position))


@ENDPOINTS.post(
    "/v1/admin/announcements",
    _SPEAKERS,
    body=AnnouncementBody,
    key=Key.WELCOME,
    answers={201: AnnouncementView},
)
async def announce(call: Call) -> Response:
    """POST /v1/admin/announcements: 201; once per idempotency key, where there is one."""
    body = await call.body(AnnouncementBody)
    command = Announce(
        actor_id=call.actor_id,
        announcement_id=AnnouncementId(new_id()),
        message=clean_message(body.message),
        title=None if body.title is UNSET else clean_name(body.title, "title"),
        audience=body.audience,
        priority=given(body.priority),
    )

    def view(committed: Committed[Announcement]) -> AnnouncementView:
        announcement = committed.reply
        return AnnouncementView(
            announcement_id=announcement.announcement_id,
            notification_id=str(announcement.position),
            audience=announcement.audience,
            message=announcement.message,
            title=left_out(announcement.title),
            priority=body.priority,  # left out where it was left out, as in the event
            timestamp=rfc3339(announcement.created_at),
            position=committed.position,
        )

    return await call.run_once(command, body, view, status=201)


@ENDPOINTS.patch(
    "/v1/admin/announcements/{announcementId}",
    _SPEAKERS,
    body=EditAnnouncementBody,
    answers={200: StandingView},
    refuses=EditAnnouncement.REFUSES,
)
async def edit_announcement(call: Call) -> Response:
    """PATCH /v1/admin/announcements/{announcementId}: 200 with its present words; its audience is told."""
    body = await call.body(EditAnnouncementBody)
    command = EditAnnouncement(
        actor_id=call.actor_id,
        announcement_id=_announcement_id(call),
        message=None if body.message is UNSET else clean_message(body.message),
        title=None if body.title is UNSET else _title(body.title),
        priority=given(body.priority),
    )
    return await call.run(command, lambda committed: _standing_view(committed.reply))


@ENDPOINTS.delete("/v1/admin/announcements/{announcementId}", _SPEAKERS, answers={204: None})
async def withdraw_announcement(call: Call) -> Response:
    """DELETE /v1/admin/announcements/{announcementId}: 204, also when it is withdrawn already. The row stays."""
    command = WithdrawAnnouncement(actor_id=call.actor_id, announcement_id=_announcement_id(call))
    return await call.run(command, lambda _: None, status=204)


def _announcement_id(call: Call) -> AnnouncementId:
    return AnnouncementId(call.id("announcementId"))


def _title(text: str) -> str:
    return clean_line(text, field="title", chars_max=NAME_CHARS_MAX, blank=True)


def _standing_view(announcement: Announcement) -> StandingView:
    return StandingView(
        announcement_id=announcement.announcement_id,
        audience=announcement.audience,
        message=announcement.message,
        title=left_out(announcement.title),
        priority=announcement.priority,
        created_at=rfc3339(announcement.created_at),
        edited_at=_instant(announcement.edited_at),
    )


def _listed_view(reached: Reached) -> ListedAnnouncementView:
    announcement = reached.announcement
    return ListedAnnouncementView(
        **asdict(_standing_view(announcement)),
        withdrawn_at=_instant(announcement.withdrawn_at),
        created_by=announcement.created_by,
        position=announcement.position,
        reach=ReachView(people=reached.people, read=reached.have_read),
    )


def _instant(at: Instant | None) -> str | UnsetType:
    return UNSET if at is None else rfc3339(at)
