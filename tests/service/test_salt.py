import stat

from service.salt import Salt, kept_secret


def test_each_tenant_has_a_salt_of_its_own_that_does_not_name_it():
    salt = Salt(b"secret")
    assert salt.of("acme") == Salt(b"secret").of("acme")
    assert len({salt.of("acme"), salt.of("other"), Salt(b"another").of("acme")}) == 3
    assert "acme" not in salt.of("acme")


def test_a_salt_is_one_that_vllm_takes():
    salt = Salt(b"secret").of("\udc80 @/\\ tenant " * 50)
    assert len(salt) <= 128
    assert salt.isalnum()


def test_the_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    first = kept_secret(tmp_path / "engine-salt")
    assert kept_secret(tmp_path / "engine-salt") == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "engine-salt").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["engine-salt"]
