"""What a center may call itself (Article 34; Articles 16, 18 for preparation and after)."""

from __future__ import annotations

from neiic.statute.state import Center
from neiic.statute.terms import STANDING, Stage


def name_of(center: Center) -> str | None:
    """The Chinese name; in preparation it carries （筹）. None where no such name may be used."""
    if center.stage not in STANDING:
        return None
    suffix = "（筹）" if center.stage is Stage.PREPARATION else ""
    return f"{center.field}国家新兴产业创新中心{suffix}"


def name_en_of(center: Center) -> str | None:
    """The English name. None where no such name may be used."""
    if center.stage not in STANDING:
        return None
    return f"National Emerging Industry Innovation Center for {center.field_en}"
