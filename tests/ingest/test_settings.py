import pytest
from pydantic import ValidationError

from ingest.settings import IngestSettings


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("url", ["host/v1", "ftp://host", "https://me:hunter2@host/v1"])
def test_an_embedding_endpoint_is_a_url_without_a_secret_in_it(here, monkeypatch, url):
    monkeypatch.setenv("PLUMBLINE_INGEST__EMBEDDER_URL", url)
    with pytest.raises(ValidationError, match="https://host/v1") as refused:
        IngestSettings()
    assert "EMBEDDER_KEY" in str(refused.value)


def test_the_environment_wins_over_the_file(here, monkeypatch):
    (here / "plumbline.toml").write_text(
        "[ingest]\nchunk_target = 500\nembed_tokens = 8\n[service]\nother = 1\n"
    )
    monkeypatch.setenv("PLUMBLINE_INGEST__CHUNK_TARGET", "700")
    settings = IngestSettings()
    assert (settings.chunk_target, settings.embed_tokens, settings.publish_batch) == (700, 8, 256)


def test_the_data_folder_is_absolute(here, monkeypatch):
    assert IngestSettings().folder == here / ".plumbline"
    monkeypatch.setenv("PLUMBLINE_HOME", "~/data")
    assert IngestSettings().folder.is_absolute()
    assert "~" not in str(IngestSettings().folder)


@pytest.mark.parametrize(
    "line", ["chunk_size = 3", "prune_fraction = 2", "precision = 'float8'", "embed_tokens = 0"]
)
def test_what_is_misspelt_or_out_of_range_is_refused(here, line):
    (here / "plumbline.toml").write_text(f"[ingest]\n{line}\n")
    with pytest.raises(ValidationError, match=line.partition(" ")[0]):
        IngestSettings()


@pytest.mark.parametrize("name", sorted(IngestSettings.model_fields))
def test_every_setting_is_described(name):
    assert len(IngestSettings.model_fields[name].description or "") > 20


@pytest.mark.parametrize(
    "url", ["postgresql://anna:pw@host/db", "postgresql+psycopg://host/db", "sqlite:////data/catalog.db"]
)
def test_a_catalog_may_be_in_either_database(here, url):
    settings = IngestSettings(catalog_url=url)
    assert settings.catalog == url
    assert "pw" not in repr(settings)


@pytest.mark.parametrize("url", ["postgres://a:opensesame@h/d", "mysql://a:opensesame@h/d", "opensesame"])
def test_a_database_that_we_cannot_use_is_refused_without_its_password(here, url):
    with pytest.raises(ValidationError, match="a database is a URL such as postgresql://") as caught:
        IngestSettings(catalog_url=url)
    assert "opensesame" not in str(caught.value)


def test_without_a_url_the_catalog_lies_in_the_data_folder(here):
    assert IngestSettings().catalog == f"sqlite:///{here}/.plumbline/catalog.db"
