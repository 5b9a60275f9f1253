from accounts.models import User


def test_it_tells_long_passwords_apart_beyond_what_bcrypt_reads(db: None) -> None:
    user = User.objects.create_user("alice", "a@example.org", "x" * 72 + "one")
    assert user.password.startswith("bcrypt_sha256$")
    assert user.check_password("x" * 72 + "one")
    assert not user.check_password("x" * 72 + "two")
