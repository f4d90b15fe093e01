"""A sealed secret opens for its owner alone, as long as the server has the key; a rotation seals it anew."""

from festival_push.web.identity.factors.sealing import Sealer

OLD, NEW = bytes(32), bytes(range(32))


def test_a_secret_opens_for_its_owner_alone() -> None:
    sealer = Sealer((OLD,))
    sealed = sealer.seal("JBSWY3DP", "anna")
    assert "JBSWY3DP" not in sealed
    assert sealed != sealer.seal("JBSWY3DP", "anna")
    assert sealer.open(sealed, "anna") == "JBSWY3DP"
    assert sealer.open(sealed, "ben") is None


def test_what_is_not_sealed_does_not_open() -> None:
    sealer = Sealer((OLD,))
    version, key_id, text = sealer.seal("JBSWY3DP", "anna").split(".")
    for wrong in (
        "", "v1", "v1..", f"v2.{key_id}.{text}", f"{version}.00000000.{text}", f"{version}.{key_id}.{text[:-8]}",
        f"{version}.{key_id}.A", f"{version}.{key_id}.", "JBSWY3DP",
    ):  # fmt: skip
        assert sealer.open(wrong, "anna") is None


def test_a_secret_survives_a_rotation() -> None:
    sealed = Sealer((OLD,)).seal("JBSWY3DP", "anna")
    both = Sealer((NEW, OLD))
    assert both.open(sealed, "anna") == "JBSWY3DP"
    renewed = both.renewed(sealed, "anna")
    assert renewed is not None
    assert both.renewed(renewed, "anna") is None, "it is new already"
    assert Sealer((NEW,)).open(renewed, "anna") == "JBSWY3DP"
    assert Sealer((NEW,)).open(sealed, "anna") is None
    assert Sealer((NEW,)).renewed(sealed, "anna") is None
