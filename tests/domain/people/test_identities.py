"""Identities: met once, linked by the operator alone, and nobody who was here before."""

import msgspec
import pytest

from festival_push.domain.people.identities import LinkIdentity, MeetUser, UnlinkIdentity, identity_id
from festival_push.domain.refusals import AlreadyExists, NotFound
from festival_push.domain.signing_in.sessions import BeginSession
from festival_push.domain.values import Instant, Role, UserId
from tests.support.festival import ADMIN, ANNA, BEN, NOON, Festival

ISSUER = "https://idp"


def meet(subject: str, user_id: str = "new") -> MeetUser:
    return MeetUser(issuer=ISSUER, subject=subject, user_id=UserId(user_id), name="Carl", top_up_code=f"CODE-{user_id}")


def test_whom_a_trusted_issuer_vouches_for_is_met_once() -> None:
    festival = Festival.opened()
    assert festival.do(meet("admin")) == "new"  # spelt like an organiser's id
    person = festival.book.person(UserId("new"))
    assert (person.user_type, person.user.pin_hash) == (Role.CUSTOMER, None)
    again = festival.decided(msgspec.structs.replace(meet("admin", "other"), name="Other"))
    assert (again.reply, again.rows) == ("new", ())
    assert festival.do(meet("other", "other")) == "other"


def test_issuer_and_subject_together_are_one_identity() -> None:
    found = {identity_id(issuer, subject) for issuer in ("a", "ab") for subject in ("c", "bc", "")}
    assert len(found) == 6


def test_a_linked_person_is_who_they_were() -> None:
    festival = Festival.opened()
    link = LinkIdentity(user_id=ADMIN, issuer=ISSUER, subject="7")
    festival.do(link)
    assert festival.decided(link).rows == ()
    assert festival.do(meet("7")) == ADMIN
    with pytest.raises(AlreadyExists):
        festival.do(LinkIdentity(user_id=ANNA, issuer=ISSUER, subject="7"))
    with pytest.raises(NotFound):
        festival.do(LinkIdentity(user_id=UserId("nobody"), issuer=ISSUER, subject="8"))


def test_an_unlinked_person_is_new_at_the_next_call_and_may_be_linked_to_somebody_else() -> None:
    festival = Festival.opened()
    festival.do(LinkIdentity(user_id=ANNA, issuer=ISSUER, subject="7"))
    for session, external in (("theirs", True), ("ours", False)):
        festival.do(
            BeginSession(
                session_id=session, user_id=ANNA, version=0, device="", expires_at=Instant(NOON + 1), external=external
            )
        )
    unlink = UnlinkIdentity(user_id=ANNA, issuer=ISSUER, subject="7")
    for wrong in (msgspec.structs.replace(unlink, user_id=BEN), msgspec.structs.replace(unlink, subject="8")):
        with pytest.raises(NotFound):
            festival.do(wrong)
    told = [outgoing.event.TYPE for outgoing in festival.decided(unlink).events]
    assert told == ["system-session-ended", "system-user-changed"]
    assert set(festival.book.tokens) == {"theirs"}
    with pytest.raises(NotFound):
        festival.do(unlink)
    festival.do(LinkIdentity(user_id=BEN, issuer=ISSUER, subject="7"))
    assert festival.do(meet("7")) == BEN
    festival.do(msgspec.structs.replace(unlink, user_id=BEN))
    assert festival.do(meet("7")) == "new"
