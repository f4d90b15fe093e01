"""Opening a new stall: its till, its first owner, and telling the customers that it is there."""

import msgspec

from festival_push.domain.draft import Draft
from festival_push.domain.refusals import AlreadyExists
from festival_push.domain.rows import Account, Keeper, User, Vendor, keeper_id
from festival_push.domain.stalls.events import VendorUpdated
from festival_push.domain.stalls.names import claim_name
from festival_push.domain.topics import role_topic, stall_topic
from festival_push.domain.values import Part, Role, VendorId, till_account


def open_new_stall(draft: Draft, vendor_id: VendorId, owner: User, *, name: str, by_organiser: bool) -> Vendor:
    """Create a stall with an empty till and its owner. Raises AlreadyExists; NameTaken as `claim_name`.

    Id and name were named in `Needs.vendors` and `Needs.name_keys`, so that one that is taken is found.
    """
    if vendor_id in draft.book.vendors:
        raise AlreadyExists(what="vendor")
    vendor = Vendor(vendor_id=vendor_id, name=name, attended=not owner.suspended)
    claimed = claim_name(draft.book, vendor_id, name, by_organiser=by_organiser)
    draft.new(vendor, Account(account_id=till_account(vendor_id), overdraft=True))
    draft.put(claimed)
    draft.new(
        Keeper(
            keeper_id=keeper_id(vendor_id, owner.user_id),
            vendor_id=vendor_id,
            user_id=owner.user_id,
            part=Part.OWNER,
            created_at=draft.now,
        )
    )
    tell_stall(draft, vendor)
    return vendor


def tell_stall(draft: Draft, vendor: Vendor) -> None:
    """Tell the customers, and all keepers, how a stall is now."""
    event = VendorUpdated(
        timestamp=draft.timestamp,
        vendor_id=vendor.vendor_id,
        name=vendor.name,
        open=vendor.sells,
        auto_accept=vendor.auto_accept,
        attended=vendor.attended,
        at_once=vendor.at_once or msgspec.UNSET,
    )
    draft.tell(event, role_topic(Role.CUSTOMER), stall_topic(vendor.vendor_id))
