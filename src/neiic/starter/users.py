"""``neiic user …``: who may use the console, in which roles and units."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from neiic.console.accounts.access import Grant
from neiic.console.accounts.accounts import Accounts
from neiic.console.accounts.faults import invalid, unknown
from neiic.console.accounts.passwords import LONGEST
from neiic.console.accounts.tokens import DAYS
from neiic.console.accounts.units import OWN_NAMES, Unit, unit_name
from neiic.console.accounts.users import User
from neiic.console.desk.audit import COMMAND_LINE
from neiic.settings import load_settings
from neiic.starter import printing
from neiic.starter.centers import AsJson
from neiic.starter.connecting import open_records
from neiic.statute.periods import day_of
from neiic.statute.registry import ACTIONS
from neiic.statute.terms import ROLE_ZH, Role

app = typer.Typer(no_args_is_help=True, help="Who may use the console, in which roles and units.")
unit_app = typer.Typer(no_args_is_help=True, help="Units: add, rename, tie.")
app.add_typer(unit_app, name="unit")

Login = Annotated[str, typer.Argument(help="The user's login, e.g. li.si.")]
RoleOption = Annotated[Role, typer.Option(help="The role; operator administers users.")]
UnitOption = Annotated[
    str | None,
    typer.Option(help="The unit; not needed for ndrc, customs, tax and operator."),
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]


@contextmanager
def _accounts() -> Iterator[Accounts]:
    engine = open_records(load_settings()).engine
    try:
        yield Accounts(engine)
    finally:
        engine.dispose()


def _now() -> datetime:
    return datetime.now(UTC)


def _password(from_stdin: bool) -> str | None:
    if not from_stdin:
        return None
    return sys.stdin.readline(LONGEST * 8).rstrip("\r\n")


@app.command()
def add(
    login: Login,
    role: RoleOption,
    name: Annotated[str | None, typer.Option(help="The person's name, e.g. 李四.")] = None,
    unit: UnitOption = None,
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    password_stdin: FromStdin = False,
) -> None:
    """Add a user; for one who is there already, another role or unit.

    Without --password-stdin a password is made and printed once. Either is to be changed at the
    first sign-in.
    """
    given = _password(password_stdin)
    with _accounts() as accounts:
        added = accounts.add_user(
            login, name, role, unit, now=_now(), password=given, language=language
        )
        user = accounts.user(login)
    where = escape(unit_name(role, unit))
    words = f"{ROLE_ZH[role]} ({role}), {where}"
    if added.new_user:
        printing.out.print(f"added [bold]{user.login}[/] {escape(user.name)}: {words}")
    elif added.new_grant:
        printing.out.print(f"{user.login} was there already and now also acts as {words}")
    else:
        printing.out.print(f"{user.login} acts as {words} already; nothing was changed")
    if added.new_unit and role not in OWN_NAMES:
        printing.remark(f"{unit_name(role, unit)} is a new unit; mind its spelling")
    if not added.new_user and (given is not None or name not in (None, user.name)):
        printing.remark("name and password stay as they were (neiic user password changes one)")
    if user.disabled:
        printing.remark(f"{user.login} is disabled; let them in with: neiic user enable")
    if added.password is not None:
        _told_once("password", added.password)


def _told_once(what: str, secret: str) -> None:
    printing.out.print(f"{what} (shown once):", soft_wrap=True)
    printing.out.print(escape(secret), soft_wrap=True, highlight=False)


@app.command("list")
def list_users(json: AsJson = False) -> None:
    """List users with their roles and units, by login."""
    with _accounts() as accounts:
        found = accounts.users()
    if json:
        printing.as_json([_plain_user(user) for user in found])
        return
    if not found:
        printing.out.print("nobody yet; add somebody with: neiic user add LOGIN --role ROLE")
        return
    made = printing.table("login", "name", "acts as", "state")
    for user in found:
        acts = "\n".join(f"{ROLE_ZH[one.role]} ({one.role}) {one.unit}" for one in user.grants)
        made.add_row(user.login, escape(user.name), escape(acts) or "—", _state(user))
    printing.out.print(made)


def _state(user: User) -> str:
    if user.disabled:
        return "[red]disabled[/]"
    if not user.has_password:
        return "signs in elsewhere"
    return "[yellow]to change password[/]" if user.must_change else "active"


def _plain_user(user: User) -> dict[str, object]:
    kept = {name: value for name, value in user._asdict().items() if name != "grants"}
    grants = [{"id": one.id, "role": one.role, "unit": one.unit} for one in user.grants]
    return {**kept, "grants": grants}


@app.command()
def disable(login: Login) -> None:
    """Shut a user out at once: sessions and tokens hold no more."""
    _set_disabled(login, disabled=True)


@app.command()
def enable(login: Login) -> None:
    """Let a user in again; also ends the pause after too many failures."""
    _set_disabled(login, disabled=False)


def _set_disabled(login: str, *, disabled: bool) -> None:
    with _accounts() as accounts:
        user = accounts.user(login)
        accounts.set_disabled(COMMAND_LINE, user.id, _now(), disabled=disabled)
    printing.out.print(f"{'disabled' if disabled else 'enabled'} [bold]{user.login}[/]")


@app.command()
def password(login: Login, password_stdin: FromStdin = False) -> None:
    """Give a user another password, to be changed at the next sign-in; ends their sessions."""
    given = _password(password_stdin)
    with _accounts() as accounts:
        user = accounts.user(login)
        made = accounts.set_password(COMMAND_LINE, user.id, _now(), given)
    printing.out.print(f"new password for [bold]{user.login}[/]; their sessions have ended")
    if made is not None:
        _told_once("password", made)


@app.command()
def revoke(login: Login, role: RoleOption, unit: UnitOption = None) -> None:
    """Take a role back: whoever acts in it is out of it at once."""
    with _accounts() as accounts:
        user = accounts.user(login)
        grant = _grant(user, accounts.units(), role, unit)
        accounts.end_grant(COMMAND_LINE, grant.id, _now())
    printing.out.print(f"[bold]{user.login}[/] acts no more as {role}, {escape(grant.unit)}")


@app.command()
def token(
    login: Login,
    name: Annotated[str, typer.Option(help="What it is for, to know it by later.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, act or admin; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(help="Days until it expires, 366 at most.")] = DAYS,
    role: Annotated[
        Role | None, typer.Option(help="In which role; needed if there are several.")
    ] = None,
    unit: UnitOption = None,
) -> None:
    """Make a token of the API for a user and print it once; without --scope it may only read."""
    with _accounts() as accounts:
        user = accounts.user(login)
        grant = _grant(user, accounts.units(), role, unit)
        made = accounts.make_token(
            COMMAND_LINE,
            user.id,
            grant.id,
            name=name,
            scopes=scope or ["read"],
            now=_now(),
            days=days,
        )
    printing.out.print(
        f"token {made.id} for [bold]{user.login}[/] as {grant.role}, {escape(grant.unit)},"
        f" until {day_of(made.expires)}"
    )
    _told_once("token", made.key)


def _grant(user: User, units: list[Unit], role: Role | None, unit: str | None) -> Grant:
    """The one grant that is meant. Raises FaultError where none is, or several could be."""
    name = None if unit is None else unit.strip()
    called = {one.id: one.names for one in units}
    found = [
        one
        for one in user.grants
        if role in (None, one.role) and (name is None or name in called[one.unit_id])
    ]
    if len(found) == 1:
        return found[0]
    have = "; ".join(f"--role {one.role} --unit {one.unit}" for one in user.grants) or "none"
    what = "several grants" if found else "no such grant"
    raise unknown(
        "role", f"须指明一项授权（有：{have}）", f"{user.login} has {what}; name one of: {have}"
    )


@app.command()
def units(json: AsJson = False) -> None:
    """List units with their former names, roles and ties."""
    with _accounts() as accounts:
        found, ties = accounts.units(), accounts.ties()
    if json:
        printing.as_json([_plain_unit(unit, ties) for unit in found])
        return
    if not found:
        printing.out.print("no unit yet; the first user of a unit brings it")
        return
    made = printing.table("unit", "formerly", "plays", "below", "tied to", "signing")
    for unit in found:
        plain = _plain_unit(unit, ties)
        made.add_row(
            escape(unit.name),
            escape("、".join(unit.names[1:])),
            printing.roles(unit.roles),
            escape(unit.superior or ""),
            escape("\n".join(f"{one['unit']}: {one['note']}" for one in plain["ties"])),
            _signing(unit),
        )
    printing.out.print(made)


def _signing(unit: Unit) -> str:
    if unit.signing is None:
        return "—"
    if unit.signing.actions is None:
        return "what cannot be undone"
    return "\n".join(sorted(unit.signing.actions))


def _plain_unit(unit: Unit, ties: list[tuple[str, str, str]]) -> dict[str, Any]:
    tied = [
        {"unit": other if one == unit.name else one, "note": note}
        for one, other, note in ties
        if unit.name in (one, other)
    ]
    signing = unit.signing
    return {
        "id": unit.id,
        "name": unit.name,
        "former_names": list(unit.names[1:]),
        "roles": list(unit.roles),
        "superior": unit.superior,
        "signing": None
        if signing is None
        else sorted(signing.actions)
        if signing.actions is not None
        else "irreversible",
        "ties": tied,
    }


@unit_app.command("add")
def add_unit(
    name: Annotated[str, typer.Argument(help="The unit's name.")],
    role: RoleOption,
    superior: Annotated[str | None, typer.Option(help="The unit above it.")] = None,
) -> None:
    """Add a unit, let it play another role, or name the unit above it."""
    with _accounts() as accounts:
        accounts.add_unit(COMMAND_LINE, role, name, _now(), superior)
    printing.out.print(f"[bold]{escape(name)}[/] plays {ROLE_ZH[role]} ({role})")


@unit_app.command()
def rename(old: str, new: str) -> None:
    """Give a unit another name; centers that know the old one stay its own."""
    with _accounts() as accounts:
        accounts.rename_unit(COMMAND_LINE, old, new, _now())
    printing.out.print(f"{escape(old)} is now called [bold]{escape(new)}[/]")


@unit_app.command()
def tie(
    unit: str,
    other: str,
    note: Annotated[str, typer.Option(help="Why, e.g. 同一集团.")],
) -> None:
    """Note that two units are not independent: assessing one another needs a reason."""
    with _accounts() as accounts:
        accounts.tie(COMMAND_LINE, unit, other, note, _now())
    printing.out.print(f"{escape(unit)} and {escape(other)} are tied: {escape(note)}")


@unit_app.command()
def untie(unit: str, other: str) -> None:
    """Take back that two units are tied."""
    with _accounts() as accounts:
        accounts.untie(COMMAND_LINE, unit, other, _now())
    printing.out.print(f"{escape(unit)} and {escape(other)} are not tied any more")


@unit_app.command()
def signing(
    unit: str,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether acts have to be signed.")],
    action: Annotated[
        list[str] | None,
        typer.Option(help="Only this action; may be repeated. Without: what cannot be undone."),
    ] = None,
) -> None:
    """Whether a unit's acts are drafted by one person and signed by another."""
    with _accounts() as accounts:
        found = next((one for one in accounts.units() if unit.strip() in one.names), None)
        if found is None:
            raise unknown("unit", "没有这个单位", f"no unit is called {unit}")
        strange = set(action or ()) - set(ACTIONS)
        if strange:
            name = sorted(strange)[0]
            raise invalid("action", f"没有 {name} 这一事项", f"{name} is no action")
        accounts.set_signing(COMMAND_LINE, found.id, _now(), on=on, actions=action or None)
    printing.out.print(f"{escape(found.name)}: signing is {'on' if on else 'off'}")
