"""Settings: where a value comes from, and what is said of a wrong one."""

from pathlib import Path

import pytest

from neiic.settings import SettingsError, listed, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [row.variable for row in listed(load_settings(data_dir="/nowhere"))]:
        monkeypatch.delenv(variable, raising=False)


def test_the_records_lie_in_the_data_folder_by_default(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert settings.database == f"sqlite:///{tmp_path / 'neiic.db'}"
    assert (settings.temporal_host, settings.temporal_port) == ("127.0.0.1", 7233)


def test_a_relative_folder_is_made_absolute_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings().data_dir == tmp_path.resolve() / ".neiic"


def test_an_option_goes_before_the_variable_before_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEIIC_UI_PORT", "9000")
    assert load_settings().ui_port == 9000
    assert load_settings(ui_port=None).ui_port == 9000
    assert load_settings(ui_port=9001).ui_port == 9001


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_postgresql_gets_the_driver_that_is_installed(scheme: str) -> None:
    settings = load_settings(database_url=f"{scheme}://u:p%40ss@127.0.0.1:5432/neiic")
    assert settings.database == "postgresql+psycopg://u:p%40ss@127.0.0.1:5432/neiic"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NEIIC_TEMPORAL_ADDRESS", "7233"),
        ("NEIIC_TEMPORAL_ADDRESS", "http://127.0.0.1:7233"),
        ("NEIIC_TEMPORAL_ADDRESS", "127.0.0.1:99999"),
        ("NEIIC_UI_PORT", "eighty"),
        ("NEIIC_UI_PORT", "0"),
        ("NEIIC_LOG_FORMAT", "xml"),
        ("NEIIC_LOG_LEVEL", "loud"),
        ("NEIIC_RPC_TIMEOUT", "-1"),
        ("NEIIC_MAX_CACHED_WORKFLOWS", "0"),
        ("NEIIC_TASK_QUEUE", ""),
    ],
)
def test_a_wrong_value_is_told_in_one_line_with_its_variable(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    (line,) = caught.value.lines
    assert line.startswith(f"{variable}: ")
    assert f"(is {value!r})" in line
    assert "\n" not in line


def test_every_wrong_value_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEIIC_UI_PORT", "x")
    monkeypatch.setenv("NEIIC_CONSOLE_PORT", "y")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert [line.split(":")[0] for line in caught.value.lines] == [
        "NEIIC_UI_PORT",
        "NEIIC_CONSOLE_PORT",
    ]


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/n", "nonsense secret", "postgresql://u:secret@h:port/n"]
)
def test_a_wrong_database_is_told_without_its_password(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEIIC_DATABASE_URL", url)
    with pytest.raises(SettingsError, match="NEIIC_DATABASE_URL: must be ") as caught:
        load_settings()
    assert "secret" not in str(caught.value)


def test_the_list_masks_the_password_and_says_what_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEIIC_DATABASE_URL", "postgresql://u:unsaid@127.0.0.1/neiic")
    settings = load_settings()
    rows = {row.variable: row for row in listed(settings)}
    assert rows["NEIIC_DATABASE_URL"].value == "postgresql+psycopg://u:***@127.0.0.1/neiic"
    assert rows["NEIIC_DATABASE_URL"].given
    assert not rows["NEIIC_UI_PORT"].given
    assert all(row.description for row in rows.values())
    assert "unsaid" not in repr(settings)


def test_a_misspelt_variable_is_found() -> None:
    environment = {"NEIIC_DATBASE_URL": "x", "NEIIC_UI_PORT": "1", "PATH": "/bin"}
    assert unknown_variables(environment) == ["NEIIC_DATBASE_URL"]
