"""The organisers are found whoever they are, so that the last one stays."""

import pytest

from festival_push.domain.people.rights import AdmitUser, ChangeRole, SuspendUser
from festival_push.domain.refusals import LastAdmin
from festival_push.domain.values import Role, UserId, VendorId
from festival_push.domain.words.rooms import JoinRoom, Room
from festival_push.store.database import Database
from festival_push.store.reads.reads import Reads
from tests.store.populated import populated
from tests.support.festival import ADMIN, ANNA, BEN, SUN

CARL = UserId("carl")


async def test_the_last_organiser_stays_and_roles_are_kept(database: Database) -> None:
    async with populated(database) as festival:
        submit, reads = festival.committer.submit, Reads(database)
        with pytest.raises(LastAdmin):
            await submit(SuspendUser(actor_id=ADMIN, user_id=ADMIN, suspended=True))
        admit = AdmitUser(
            actor_id=ADMIN, user_id=CARL, role=Role.ADMIN, name="Carl", pin_hash=None, top_up_code="CODE-carl"
        )
        await festival.do([admit, JoinRoom(actor_id=ADMIN, room=Room(user_id=BEN))])
        await submit(ChangeRole(actor_id=CARL, user_id=ADMIN, role=Role.VENDOR, vendor_id=SUN))
        former = await reads.person(ADMIN)
        assert former is not None
        assert (former.user_type, former.vendor_id) == (Role.VENDOR, SUN)
        assert (await reads.rooms(ADMIN)).topics == ()
        with pytest.raises(LastAdmin):
            await submit(ChangeRole(actor_id=CARL, user_id=CARL, role=Role.CUSTOMER))
        await submit(ChangeRole(actor_id=CARL, user_id=ANNA, role=Role.VENDOR))
        stall = await reads.vendor(VendorId(ANNA))
        assert stall is not None
        assert stall.name == "Anna"
