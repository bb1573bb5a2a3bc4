"""``neiic``: the command line. Every error ends as a sentence with the way out, never a traceback.

Exit codes: 0 done, 1 refused or failed, 2 used wrongly (a file or option that does not parse).
"""

from __future__ import annotations

import os
import sys
import traceback

import typer
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError, RPCStatusCode

from neiic import __version__
from neiic.console.accounts.faults import FaultError
from neiic.door import UnansweredError, UnknownCenterError
from neiic.settings import SettingsError
from neiic.starter import StackError, centers, operate, printing, repair, traces, users
from neiic.starter.field_values import FieldValueError
from neiic.starter.scenarios import ScenarioError
from neiic.statute.acts import RefusedActError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The lifecycle engine for National Emerging Industry Innovation Centers"
    " (国家新兴产业创新中心).",
)
app.add_typer(centers.app, name="center")
app.add_typer(users.app, name="user")
operate.register(app)
repair.register(app)

REFUSED, WRONG_USE = 1, 2


def _version(asked: bool) -> None:
    if asked:
        print(f"neiic {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
) -> None:
    del version


def main() -> None:
    """Run the command line and leave with its exit code.

    The process leaves by ``os._exit``: the Temporal SDK may abort while the interpreter shuts
    down, after everything was done and printed.
    """
    code = run(sys.argv[1:])
    traces.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def run(arguments: list[str]) -> int:
    """The exit code of one command; prints what there is to say."""
    try:
        app(arguments)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else WRONG_USE
    except RefusedActError as refused:
        if "--json" in arguments:
            printing.as_json({"refused": refused.refusal})
        printing.refusal(refused.refusal)
        return REFUSED
    except FaultError as error:
        fault = error.fault
        printing.problem(f"{fault.field}: {fault.en}（{fault.zh}）")
        return WRONG_USE if error.kind == "invalid" else REFUSED
    except (ScenarioError, FieldValueError, SettingsError) as error:
        printing.problem(str(error))
        return WRONG_USE
    except (StackError, UnknownCenterError, UnansweredError) as error:
        printing.problem(str(error))
        return REFUSED
    except (SQLAlchemyError, RPCError) as error:
        printing.problem(_away(error))
        return REFUSED
    except KeyboardInterrupt:
        return REFUSED
    except Exception as error:
        return _unforeseen(error)
    return 0


def _away(error: SQLAlchemyError | RPCError) -> str:
    if isinstance(error, RPCError):
        if error.status is RPCStatusCode.UNAVAILABLE:
            return "the Temporal server went away; start it with: neiic dev, and send it again"
        return f"the Temporal server says: {error.message} ({error.status.name})"
    reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return f"the records database does not answer ({reason}); see NEIIC_DATABASE_URL"


def _unforeseen(error: Exception) -> int:
    if os.environ.get("NEIIC_LOG_LEVEL", "").lower() == "debug":
        traceback.print_exc()
    else:
        printing.problem(f"unforeseen: {type(error).__name__}: {error}")
        printing.err.print("NEIIC_LOG_LEVEL=debug shows where it came from")
    return REFUSED
