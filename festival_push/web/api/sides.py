"""The sides of a person: their own wallet and orders, and the till and orders of each stall that they keep.

A request says which side it means by `account` and `vendorId`. One that says nothing means the side that it meant when
a person had only one: the first stall's for who keeps one, else their own.
"""

import msgspec

from festival_push.domain.people.relations import Act, Person, require
from festival_push.domain.refusals import NotFound
from festival_push.domain.values import AccountId, AccountKind, VendorId, till_account, user_account
from festival_push.web.parsing.fields import Id
from festival_push.web.parsing.queries import PageQuery


class SideQuery(PageQuery, frozen=True, forbid_unknown_fields=True):
    """`?account=&vendorId=`: a page of which side; the `vendorId` of a till may be left out for the first stall's."""

    account: AccountKind | None = None
    vendor_id: Id | None = msgspec.field(default=None, name="vendorId")

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing."""
        return self.account is None and self.vendor_id is None


def chosen_stall(
    person: Person, account: AccountKind | None, vendor_id: str | None, act: Act = Act.SEE_TILL
) -> VendorId | None:
    """Return the stall whose side a request means; None: the person's own side.

    Args:
        act: What is done to the stall, where one is named.

    Raises:
        Forbidden, NotFound: The person may not do this to that stall, or keeps none; a wallet is of no stall.
    """
    if account is AccountKind.WALLET:
        if vendor_id is not None:
            raise NotFound(what="vendor")  # a wallet is of no stall
        return None
    if account is None and vendor_id is None:
        return person.vendor_id
    stall = next(iter(person.stalls), None) if vendor_id is None else VendorId(vendor_id)
    if stall is None:
        raise NotFound(what="vendor")
    require(person, act, vendor_id=stall, what="vendor")
    return stall


def account_of(person: Person, query: SideQuery) -> AccountId:
    """Return the account that a request means. Raises what `chosen_stall` raises."""
    stall = chosen_stall(person, query.account, query.vendor_id)
    return user_account(person.user_id) if stall is None else till_account(stall)
