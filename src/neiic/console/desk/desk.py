"""All of the work inside a unit as one object, for whoever wires the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from neiic.console.accounts.access import Person
from neiic.console.desk import audit, claims, comments, drafts, keeping, turned_away
from neiic.console.desk.claims import Claim, Matter
from neiic.console.desk.drafts import Draft, State


class Desk:
    """Claims, comments, drafts, kept forms, filters, the trail; every call a short transaction.

    Each call sees what the person's unit may see and nothing else; FaultError says what cannot be.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    # Claims ------------------------------------------------------------------------------

    def claim(
        self, person: Person, matter: Matter, now: datetime, *, take_over: bool = False
    ) -> None:
        """Take a matter in hand; with ``take_over`` also from a colleague."""
        claims.claim(self.engine, person, matter, now, take_over=take_over)

    def hand_over(
        self, person: Person, matter: Matter, to_login: str, note: str, now: datetime
    ) -> None:
        """Hand a matter to a colleague of the same unit, with a note."""
        claims.hand_over(self.engine, person, matter, to_login, note, now)

    def release(self, person: Person, matter: Matter, now: datetime) -> None:
        """Put one's matter back for any colleague."""
        claims.release(self.engine, person, matter, now)

    def done(self, matter: Matter) -> None:
        """The matter is settled: nobody has it in hand any more."""
        claims.done(self.engine, matter)

    def claims(
        self, person: Person, *, centers: Sequence[str] | None = None, mine: bool = False
    ) -> dict[Matter, Claim]:
        """The claims of the person's unit, of these centers or all."""
        return claims.claims(self.engine, person, centers=centers, mine=mine)

    # Comments ----------------------------------------------------------------------------

    def comment(self, person: Person, center: str, text: str, now: datetime) -> int:
        """Write a remark for one's unit."""
        return comments.comment(self.engine, person, center, text, now)

    def comments(self, person: Person, center: str) -> list[comments.Comment]:
        """What the person's unit has remarked on a center, newest first."""
        return comments.comments(self.engine, person, center)

    def comment_count(self, person: Person, center: str) -> int:
        """How many remarks the person's unit has on a center."""
        return comments.comment_count(self.engine, person, center)

    # Drafts ------------------------------------------------------------------------------

    def draft(
        self,
        person: Person,
        *,
        center: str,
        action: str,
        data: dict[str, Any],
        now: datetime,
        remarks: str | None = None,
        subject: str = "",
        decision_id: str | None = None,
    ) -> int:
        """Put an act before a colleague for signing; answers the draft's id."""
        return drafts.draft(
            self.engine,
            person,
            center=center,
            action=action,
            data=data,
            now=now,
            remarks=remarks,
            subject=subject,
            decision_id=decision_id,
        )

    def sign(self, person: Person, draft_id: int, now: datetime) -> Draft:
        """Sign a colleague's draft; what is answered is to be sent, then ``taken``/``refused``."""
        return drafts.sign(self.engine, person, draft_id, now)

    def return_draft(self, person: Person, draft_id: int, note: str, now: datetime) -> None:
        """Give a draft back to who drafted it, and say why."""
        drafts.return_draft(self.engine, person, draft_id, note, now)

    def withdraw(self, person: Person, draft_id: int, now: datetime) -> None:
        """Take back one's own draft before it is signed."""
        drafts.withdraw(self.engine, person, draft_id, now)

    def taken(self, draft_id: int, now: datetime) -> None:
        """The center has taken the signed act."""
        drafts.taken(self.engine, draft_id, now)

    def refused(self, person: Person, draft_id: int, why: str, now: datetime) -> None:
        """The center has refused the signed act; it goes back with the reason."""
        drafts.refused(self.engine, person, draft_id, why, now)

    def find_draft(self, person: Person, draft_id: int) -> Draft:
        """One draft of the person's unit and role."""
        return drafts.find_draft(self.engine, person, draft_id)

    def drafts(
        self,
        person: Person,
        *,
        states: Sequence[State] = ("draft",),
        mine: bool | None = None,
        center: str | None = None,
    ) -> list[Draft]:
        """Drafts of the person's unit and role, newest first."""
        return drafts.drafts(self.engine, person, states=states, mine=mine, center=center)

    def count_to_sign(self, person: Person) -> int:
        """How many drafts wait for the signature of this person."""
        return drafts.count_to_sign(self.engine, person)

    def unsent(self, signed_before: datetime) -> list[Draft]:
        """Signed drafts of which nobody knows whether the center took them."""
        return drafts.unsent(self.engine, signed_before)

    # One's own ---------------------------------------------------------------------------

    def keep(self, user_id: int, form: str, fields: dict[str, Any], now: datetime) -> None:
        """Keep what a user has typed into a form."""
        keeping.keep(self.engine, user_id, form, fields, now)

    def kept(self, user_id: int, form: str) -> keeping.KeptForm | None:
        """What this user had typed into this form."""
        return keeping.kept(self.engine, user_id, form)

    def kept_forms(self, user_id: int) -> list[keeping.KeptForm]:
        """All that a user has not sent yet, newest first."""
        return keeping.kept_forms(self.engine, user_id)

    def forget(self, user_id: int, form: str) -> None:
        """What was typed has been sent, or is not wanted any more."""
        keeping.forget(self.engine, user_id, form)

    def save_filter(self, person: Person, page: str, name: str, query: str, now: datetime) -> int:
        """Save a page's filter under a name."""
        return keeping.save_filter(self.engine, person, page, name, query, now)

    def filters(self, user_id: int, page: str) -> list[keeping.SavedFilter]:
        """A user's filters of a page, by name."""
        return keeping.filters(self.engine, user_id, page)

    def forget_filter(self, person: Person, filter_id: int, now: datetime) -> None:
        """Delete one of one's filters."""
        keeping.forget_filter(self.engine, person, filter_id, now)

    # The trail ---------------------------------------------------------------------------

    def trail(self, **wanted: Any) -> list[dict[str, Any]]:
        """Lines of the trail, newest first; filters as in :func:`audit.trail`."""
        return audit.trail(self.engine, **wanted)

    def record_attempt(
        self,
        person: Person | None,
        *,
        center: str,
        action: str,
        status: int,
        reason: str,
        now: datetime,
        address: str = "",
    ) -> None:
        """Write down an act that the console turned away before any center heard of it."""
        audit.record_attempt(
            self.engine,
            person,
            center=center,
            action=action,
            status=status,
            reason=reason,
            now=now,
            address=address,
        )

    def turned_away(
        self, before: turned_away.Place = turned_away.NEWEST, limit: int = 50
    ) -> tuple[list[turned_away.TurnedAway], turned_away.Place | None]:
        """What the console turned away and what the law refused, newest first."""
        return turned_away.turned_away(self.engine, before, limit)
