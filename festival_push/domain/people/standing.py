"""What a deed says of a person: their rights, as they were and as they are."""

from festival_push.domain.office.deeds import State
from festival_push.domain.people.relations import Person


def standing(person: Person) -> State:
    """Return a person's rights, in plain values."""
    return {
        "admin": person.user.admin,
        "cashier": person.user.cashier,
        "suspended": person.user.suspended,
        "stalls": " ".join(f"{vendor_id}:{part}" for vendor_id, part in person.stalls.items()),
    }


def changed_standing(before: Person, after: Person) -> tuple[State, State]:
    """Return those of a person's rights that differ: as they were, and as they are."""
    was, is_now = standing(before), standing(after)
    names = [name for name in was if was[name] != is_now[name]]
    return {name: was[name] for name in names}, {name: is_now[name] for name in names}
