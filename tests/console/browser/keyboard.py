"""Going through a page with the Tab key: where one comes by, and what one never reaches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Page

#: A date has its year, month, day and picker; nothing else keeps the focus for another Tab.
MOST_TABS_IN_ONE = 5
#: Put into a page before its own scripts: remembers what listens to the mouse alone.
WATCH = """(() => {
  const mouse = ["click", "dblclick", "mousedown", "mouseup", "pointerdown", "pointerup"];
  const real = EventTarget.prototype.addEventListener;
  window.listening = [];
  EventTarget.prototype.addEventListener = function (kind, ...others) {
    if (mouse.includes(kind) && this instanceof Element) window.listening.push(this);
    return real.call(this, kind, ...others);
  };
})()"""
#: The element that has the focus, noted as passed; null where the page has none.
_STOP = """() => {
  const one = document.activeElement;
  window.passed ??= new Set();
  if (!one || one === document.body) { window.last = null; return null; }
  const style = getComputedStyle(one), box = one.getBoundingClientRect(), last = window.last;
  // The middle of what is in the window of it: of a long text only the cursor's line must be.
  const seen = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const over = document.elementFromPoint(box.left + box.width / 2, (seen[0] + seen[1]) / 2);
  const words = [...(one.labels || [])].map((label) => label.innerText).join(" ");
  const first = [...window.passed][0];
  const stop = {
    kind: one.type || one.localName,
    name: one.name || "",
    value: one.localName === "button" ? one.value : "",
    words: (words || one.innerText || one.textContent || "").trim().slice(0, 60),
    primary: one.matches("button.primary"),
    folded: one.localName === "summary" && !one.parentElement.open,
    round: one === first && last !== one,
    within: !!one.closest("main"),
    same: last === one,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    forward: !last || last === one || one.matches('.skip')
      || !!(last.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING),
    clear: !!over && (one.contains(over) || over.contains(one)
      || [...(one.labels || [])].some((label) => label.contains(over))),
  };
  window.passed.add(one);
  window.last = one;
  return stop;
}"""
_MISSED = """(place) => {
  const native = "a[href], button, input, select, textarea, summary";
  const shown = (one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled;
  const told = (one) => one.outerHTML.replace(/\\s+/g, " ").slice(0, 120);
  // A button without a place that only says what Enter in a field does is nobody's to reach.
  const unseen = (one) => one.matches("button[tabindex='-1'][aria-hidden=true]")
    && getComputedStyle(one).clipPath === "inset(50%)";
  const group = (one) => one.type === "radio"
    ? [...document.getElementsByName(one.name)].filter((other) => other.form === one.form) : [one];
  const wrong = [];
  const extra = ", [tabindex]:not([tabindex='-1']), [contenteditable=true], [role=button]";
  for (const one of document.querySelectorAll(native + extra))
    if (one.closest(place) && shown(one) && !unseen(one) && !group(one).some((each) => window.passed.has(each)))
      wrong.push("never reached: " + told(one));
  for (const one of document.querySelectorAll("[tabindex]"))
    if (one.tabIndex > 0) wrong.push("out of order by tabindex: " + told(one));
  const clicked = "[data-print], [onclick], [role=button], [role=link], [hx-trigger*=click],"
    + " [hx-get]:not([hx-trigger]), [hx-post]:not([hx-trigger])";
  for (const one of new Set([...window.listening, ...document.querySelectorAll(clicked)]))
    if (one.isConnected && !one.matches(native + ", form, label"))
      wrong.push("for the mouse alone: " + told(one));
  return wrong;
}"""


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where the focus rests on its way through a page."""

    kind: str
    name: str
    value: str
    words: str
    primary: bool
    folded: bool
    round: bool
    within: bool
    same: bool
    ring: bool
    forward: bool
    clear: bool

    @property
    def wrong(self) -> list[str]:
        """What somebody without a mouse would complain of here."""
        said = {"no ring of the focus": self.ring, "against the order": self.forward}
        said["out of sight or covered"] = self.clear
        return [f"{one}: {self.kind} {self.words!r}" for one, well in said.items() if not well]


async def focused(page: Page) -> Stop | None:
    """Where the focus is."""
    found = await page.evaluate(_STOP)
    return None if found is None else Stop(**found)


async def tab(page: Page) -> Stop | None:
    """Press Tab once; answers where that leads."""
    await page.keyboard.down("Tab")
    _, stop = await asyncio.gather(page.keyboard.up("Tab"), focused(page))
    return stop


async def skip_to_content(page: Page) -> None:
    """By the link that is the first stop of a page."""
    await tab(page)
    await page.keyboard.press("Enter")
    stop = await focused(page)
    assert stop is not None, "the link to the content leads nowhere"
    assert stop.kind == "main", f"the link to the content leads to {stop}"


async def stops(page: Page, wrong: list[str]) -> AsyncIterator[Stop]:
    """Tab by Tab on and once round the page; what is wrong on the way is added to the list.

    Ends where it began. A control that is passed with several Tabs is answered once.
    """
    kept = 0
    for _ in range(6 * await page.locator("*").count()):
        stop = await tab(page)
        if stop is None:
            continue  # the browser's own frame
        if stop.round:
            return
        kept = kept + 1 if stop.same else 0
        assert kept < MOST_TABS_IN_ONE, f"the focus does not leave {stop.kind} {stop.words!r}"
        if not stop.same:
            wrong += stop.wrong
            yield stop
    raise AssertionError("the focus goes round without an end")


async def hindered(page: Page, *, whole: bool = True) -> list[str]:
    """What somebody with a keyboard alone lacks on the page; what is folded is unfolded.

    Where the page is not gone through as a whole, it is from the link to its content on.
    """
    wrong: list[str] = []
    if not whole:
        await skip_to_content(page)
    async for stop in stops(page, wrong):
        if not (whole or stop.within):
            break
        if stop.folded:
            await page.keyboard.press("Enter")
            again = await focused(page)
            if again is None or again.folded:
                wrong.append(f"does not unfold: {stop.words!r}")
    missed: list[str] = await page.evaluate(_MISSED, "html" if whole else "main")
    return wrong + missed
