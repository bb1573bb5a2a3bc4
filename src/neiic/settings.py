"""What can be set from outside: environment variables with the prefix ``NEIIC_``.

An option of the command line goes before the variable, the variable before the default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "NEIIC_"
#: Settings that may hold a secret: no message repeats them.
SECRETS = frozenset({"database_url", "oidc_client_secret", "console_secret"})


class SettingsError(ValueError):
    """Some values do not fit: ``lines`` names each variable and what is wrong, for a person."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _lower(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """The settings of every process of ours; read once, at its start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", validate_default=True
    )

    # The folder comes before what is derived from it: fields are validated in this order.
    data_dir: Annotated[Path, AfterValidator(_absolute)] = Field(
        Path(".neiic"),
        description="Folder of the embedded stack: database files, logs, lock.",
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="The records: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; "
        "left empty, neiic.db in the data folder.",
    )
    temporal_address: str = Field(
        "127.0.0.1:7233", description="Frontend of the Temporal server, HOST:PORT."
    )
    temporal_namespace: str = Field(
        "default", min_length=1, description="Temporal namespace in which the centers live."
    )
    task_queue: str = Field(
        "centers", min_length=1, description="Task queue that the workers serve."
    )
    retention_days: Count = Field(
        30,
        description="Days for which Temporal keeps the history of an ended center; "
        "the records keep it for good.",
    )
    ui_port: Port = Field(
        8233, description="Port of the Temporal Web UI of the embedded stack, on 127.0.0.1."
    )
    console_port: Port = Field(8300, description="Port of the reviewers' console.")
    console_host: str = Field(
        "127.0.0.1", min_length=1, description="Address on which the console listens."
    )
    console_url: str = Field(
        "",
        description="Address under which people open the console, https://HOST behind a proxy "
        "that ends TLS; left empty, http on the host and port above.",
    )
    console_patience: Seconds = Field(
        5.0,
        description="Seconds for which the console waits for a center's answer before it says "
        "that it is being found out.",
    )
    session_idle_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = Field(
        120, description="Minutes without a request after which a sign-in to the console ends."
    )
    session_hours: Annotated[int, Field(ge=1, le=24 * 7)] = Field(
        12, description="Hours after which a sign-in to the console ends in any case."
    )
    oidc_issuer: str = Field(
        "",
        description="OpenID Connect provider by which users may also sign in, its issuer address, "
        "for example https://sso.example.cn; left empty, by password only.",
    )
    oidc_client_id: str = Field("", description="The console's name at that provider.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="The console's secret at that provider."
    )
    console_secret: SecretStr = Field(
        SecretStr(""),
        description="What the console signs its cookie of a sign-in by OpenID Connect with, the "
        "same in all its processes; left empty, the client's secret stands in. Needed for a "
        "client without one: any long random text.",
    )
    oidc_name_claim: str = Field(
        "preferred_username",
        min_length=1,
        description="Claim of the provider that is the user's login here.",
    )
    calendar_folder: Path | None = Field(
        None,
        description="Folder of holiday calendars announced since this release; they go before ours.",
    )
    rule_sets_folder: Path | None = Field(
        None,
        description="Folder of rule sets that came into force since this release (L2), beside "
        "rule_sets in the data folder; every worker must know those that its centers are under.",
    )
    rpc_timeout: Seconds = Field(
        10.0, description="Seconds to wait for an answer of the Temporal server."
    )
    log_format: Annotated[Literal["console", "json"], BeforeValidator(_lower)] = Field(
        "console", description="Log lines for people (console) or for programs (json)."
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        Field("info", description="Least severity that is logged: debug, info, warning, error.")
    )
    metrics_address: str = Field(
        "",
        description="Where the worker serves its metrics to Prometheus, HOST:PORT; "
        "left empty, nowhere.",
    )
    otlp_endpoint: str = Field(
        "",
        description="Collector of OpenTelemetry traces (OTLP over HTTP), for example "
        "http://127.0.0.1:4318; left empty, nothing is traced.",
    )
    max_cached_workflows: Count = Field(
        1000,
        description="Centers a worker keeps in memory; others are replayed when they are needed.",
    )
    max_concurrent_workflow_tasks: Annotated[int, Field(ge=2)] = Field(
        100, description="Workflow tasks that a worker has in hand at once."
    )
    max_concurrent_activities: Count = Field(
        100, description="Activities that a worker runs at once."
    )
    max_concurrent_local_activities: Count = Field(
        100, description="Local activities (commits, dates) that a worker runs at once."
    )
    graceful_shutdown: Annotated[float, Field(ge=0)] = Field(
        10.0, description="Seconds that running activities have to end when a worker stops."
    )

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        given = value.get_secret_value().strip()
        if not given:
            folder = info.data.get("data_dir")  # absent when it is wrong itself
            return value if folder is None else SecretStr(f"sqlite:///{folder / 'neiic.db'}")
        return SecretStr(_database_url(given).render_as_string(hide_password=False))

    @field_validator("temporal_address")
    @classmethod
    def _address(cls, value: str) -> str:
        return _host_and_port(value, "127.0.0.1:7233")

    @field_validator("metrics_address")
    @classmethod
    def _metrics(cls, value: str) -> str:
        return _host_and_port(value, "127.0.0.1:9464") if value.strip() else ""

    @field_validator("otlp_endpoint")
    @classmethod
    def _collector(cls, value: str) -> str:
        given = value.strip().rstrip("/")
        if given and not re.fullmatch(r"https?://[^/\s@]+(/\S*)?", given):
            raise ValueError("must be http://HOST:PORT, for example http://127.0.0.1:4318")
        return given

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str) -> str:
        given = value.strip()
        local = re.fullmatch(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/\S*)?", given)
        if given and not local and not re.fullmatch(r"https://[^/\s@?#]+(/[^\s?#]*)?", given):
            raise ValueError("must be https://HOST, for example https://sso.example.cn")
        return given

    @field_validator("oidc_client_id")
    @classmethod
    def _client(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value.strip():
            raise ValueError("is needed with NEIIC_OIDC_ISSUER")
        return value.strip()

    @field_validator("console_secret")
    @classmethod
    def _console_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        given, client = value.get_secret_value(), info.data.get("oidc_client_secret")
        if given and len(given) < 32:
            raise ValueError("must have 32 characters at least")
        if (
            info.data.get("oidc_issuer")
            and not given
            and not (client and client.get_secret_value())
        ):
            raise ValueError("is needed with NEIIC_OIDC_ISSUER for a client without a secret")
        return value

    @property
    def console_address(self) -> str:
        """Where people open the console."""
        return self.console_url.rstrip("/") or f"http://{self.console_host}:{self.console_port}"

    @property
    def database(self) -> str:
        """The database URL with its password, with the driver that is installed."""
        return self.database_url.get_secret_value()

    @property
    def temporal_host(self) -> str:
        """The host of :attr:`temporal_address`."""
        return self.temporal_address.rpartition(":")[0]

    @property
    def temporal_port(self) -> int:
        """The port of :attr:`temporal_address`."""
        return int(self.temporal_address.rpartition(":")[2])


def _host_and_port(value: str, example: str) -> str:
    host, _, port = value.strip().rpartition(":")
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"must be HOST:PORT, for example {example}")
    return f"{host}:{int(port)}"


def _database_url(given: str) -> URL:
    """The URL with the driver that is installed for its database.

    Raises ValueError without the value in its message: it may hold a password.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise ValueError("must be sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    backend = url.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return url
    raise ValueError(f"must be sqlite or postgresql, not {backend}")


def load_settings(**options: Any) -> Settings:
    """The settings: the given options, then the environment, then the defaults.

    An option that is None counts as not given. Raises SettingsError, one line for each
    variable that does not fit.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(explain(error)) from None


def explain(error: ValidationError) -> list[str]:
    """One line for each wrong field: ``NEIIC_UI_PORT: …``, with the value if it is no secret."""
    lines = []
    for wrong in error.errors():
        name = str(wrong["loc"][0]) if wrong["loc"] else "settings"
        line = f"{PREFIX}{name.upper()}: {wrong['msg'].removeprefix('Value error, ')}"
        if name not in SECRETS:
            line += f" (is {wrong['input']!r})"
        lines.append(line)
    return lines


class Listed(NamedTuple):
    """One setting for a list: passwords are masked; ``given`` says it is not the default."""

    variable: str
    value: str
    given: bool
    description: str


def listed(settings: Settings) -> list[Listed]:
    """All settings in the order of their declaration."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = str(getattr(settings, name))
        if name == "database_url":
            value = make_url(settings.database).render_as_string(hide_password=True)
        rows.append(
            Listed(
                variable=PREFIX + name.upper(),
                value=value,
                given=name in settings.model_fields_set,
                description=field.description or "",
            )
        )
    return rows


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables with our prefix that set nothing, such as a misspelt name; sorted."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(
        name
        for name in environment
        if name.upper().startswith(PREFIX) and name.upper() not in known
    )
