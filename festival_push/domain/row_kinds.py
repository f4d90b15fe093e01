"""How rows of one kind are kept, in `Needs`, in the book and in SQL; and `Needs`, the rows that a command wants."""

from typing import NamedTuple

import msgspec

from festival_push.domain.values import (
    AccountId,
    AccountKind,
    AnnouncementId,
    ClaimId,
    ConfirmationId,
    DisplayId,
    DrawerId,
    FactorId,
    GiveBackId,
    ItemId,
    OrderId,
    PairingId,
    PaymentRequestId,
    PayoutId,
    PayoutRunId,
    ReceiptId,
    TransferId,
    UnreadId,
    UserId,
    VendorId,
)


class RowKind(NamedTuple):
    """The names under which rows of one kind are kept.

    Attributes:
        name: The field in `Needs`, and the dict in the `Book`.
        table: The SQL table.
        key: The field that identifies a row; the first column of the table.
    """

    name: str
    table: str
    key: str


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """The rows that a command may touch.

    Some rows are loaded along with others. A user brings their wallet and allowance, their parts as a keeper, the
    stalls that they keep, and whom their wallet was moved to. A vendor brings its till and its open orders; its keepers
    only if `keepers_of` names it. An order brings its customer, its vendor, and what these bring. A payout brings the
    account that it came from. A payment request brings its vendor and its items; a pairing and a give-back bring their
    vendor. A drawer brings its account and its cashier. A transfer brings the owners of its two accounts, its order,
    its payout, its receipt, its drawer, what its maker has moved at the desk, and how much of it was taken back. Other
    system accounts are always loaded.
    """

    users: tuple[UserId, ...] = ()
    admins: tuple[int, ...] = ()  # (1,) loads all organisers, who are few
    keepers: tuple[str, ...] = ()  # keys of single parts; the two below say what is meant
    keepers_of: tuple[VendorId, ...] = ()  # loads all keepers of these stalls, with the users
    colleagues: tuple[UserId, ...] = ()  # loads all keepers of all stalls that these people keep
    top_up_codes: tuple[str, ...] = ()  # keys of codes, see `code_key`; loads the users who own them
    vendors: tuple[VendorId, ...] = ()
    vendor_names: tuple[VendorId, ...] = ()
    name_keys: tuple[str, ...] = ()  # loads the names with these keys
    items: tuple[ItemId, ...] = ()
    orders: tuple[OrderId, ...] = ()
    ready_of: tuple[VendorId, ...] = ()  # loads these stalls' orders that are ready
    sold_items: tuple[int, ...] = ()  # (1,) loads the items of all orders that the batch loads
    receipts: tuple[ReceiptId, ...] = ()
    transfers: tuple[TransferId, ...] = ()  # loads these, what was taken back of them, and whom they concern
    moved_by: tuple[ReceiptId, ...] = ()  # loads all transfers of these payments' money
    claims: tuple[ClaimId, ...] = ()
    claims_of: tuple[ReceiptId, ...] = ()  # loads all claims to these payments, reported or not
    unread_receipts: tuple[UnreadId, ...] = ()
    vendor_codes: tuple[str, ...] = ()  # hashes
    displays: tuple[DisplayId, ...] = ()
    displays_by: tuple[UserId, ...] = ()  # loads those that these people have made and that are not revoked
    pairings: tuple[PairingId, ...] = ()
    pairing_codes: tuple[str, ...] = ()  # hashes; loads the pairings of these codes
    offers: tuple[VendorId, ...] = ()  # loads these stalls' pairing whose code nobody has typed, expired or not
    pairings_by: tuple[UserId, ...] = ()  # loads those that these people have made and that wait for an answer
    tokens: tuple[str, ...] = ()  # jti
    sessions: tuple[str, ...] = ()
    sessions_of: tuple[UserId, ...] = ()  # loads these people's sessions that have not ended
    identities: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    guesses: tuple[str, ...] = ()  # keys of counts of wrong PINs
    sign_ins: tuple[str, ...] = ()  # keys of sign-in names: loads who has them, and nothing that they bring
    payouts: tuple[PayoutId, ...] = ()
    payout_runs: tuple[PayoutRunId, ...] = ()
    payouts_in: tuple[PayoutRunId, ...] = ()  # loads the payouts of these runs
    payouts_waiting: tuple[AccountKind, ...] = ()  # loads the oldest payouts of wallets, or of tills, that a run takes
    reserves: tuple[VendorId, ...] = ()  # sums up what these stalls hold of sales that may still be refunded
    payment_requests: tuple[PaymentRequestId, ...] = ()
    requests_by: tuple[UserId, ...] = ()  # loads the payment requests of these people that nobody has paid
    give_backs: tuple[GiveBackId, ...] = ()
    give_backs_by: tuple[UserId, ...] = ()  # loads the offers of these people that nobody has taken
    factors: tuple[FactorId, ...] = ()
    factors_of: tuple[UserId, ...] = ()  # loads these people's second factors, without those that have ended
    credentials: tuple[str, ...] = ()  # loads the passkeys with these credential ids
    recovery_codes: tuple[UserId, ...] = ()  # loads these people's
    rooms: tuple[UserId, ...] = ()  # loads the rooms that these people have joined
    announcements: tuple[AnnouncementId, ...] = ()
    founders: tuple[UserId, ...] = ()  # loads these users, and the stalls' names that are like theirs
    confirmations: tuple[ConfirmationId, ...] = ()
    desk_sums: tuple[UserId, ...] = ()  # of those who take money at the desk
    drawers: tuple[DrawerId, ...] = ()
    drawers_of: tuple[UserId, ...] = ()  # loads the drawers that these people have open
    settings: tuple[str, ...] = ()
    z_reports: tuple[str, ...] = ()
    readers: tuple[UserId, ...] = ()  # loads these users with their unread notifications
    menu_sizes: tuple[VendorId, ...] = ()  # counts the items on these stalls' menus, and loads none of them
    display_counts: tuple[VendorId, ...] = ()  # counts these stalls' displays that are not revoked
    payout_counts: tuple[UserId, ...] = ()  # counts the payouts of these people that wait to be settled
    order_counts: tuple[UserId, ...] = ()  # counts the open orders of these people
    # Rows that the fields above bring with them; `first_needs` and `next_needs` fill these in.
    accounts: tuple[AccountId, ...] = ()
    stalls_of: tuple[UserId, ...] = ()  # the parts that these people have in stalls
    open_orders: tuple[VendorId, ...] = ()  # of these stalls
    finished: tuple[OrderId, ...] = ()  # orders to check for being finished
    reversed: tuple[TransferId, ...] = ()  # sums up what was taken back of these
