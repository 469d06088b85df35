"""日本年金機構 of the synthetic city as it gets media: it reads each with a reader of its own, gives a receipt, and answers with 処理結果.

What is complete it settles; of each kind in ``INCOMPLETE`` it returns (返戻) the first that comes, and takes it when it comes again.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from city import files
from city.make import list_no, world_on
from city.register import Row
from city.results import EXEMPTIONS
from city.todoke_reader import Medium, read
from city.told import Values, about, items
from city.world import World

INCOMPLETE = ("02", "34", "41")  # 届書 of which the first lacks an enclosure
LACKS = {"kekka_code": "05", "henrei_code": "02"}
SETTLED, APPROVED = {"kekka_code": "01"}, {"kekka_code": "02"}
NEW_KISO = 3_198_000_000  # 基礎年金番号 that it gives
REPEATED = ("gaitou_on", "jiyu_code", "shubetsu_code", "menjo_code", "nenkin_code")  # items of a record that its result repeats


class Kikou:
    """``take`` a medium, ``answer`` what came since; ``returned``: 受付番号 of what it sent back and did not get again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.media: set[tuple[str, str]] = set()
        self.open: list[Row] = []
        self.returned: list[str] = []
        self.lacked: set[str] = set()
        self.issued: dict[str, int] = {}

    def take(self, image: Path, password: str, on: date) -> tuple[str, Medium]:
        """The number of the receipt, and what was on the medium. ValueError when it cannot be read, or its number came before."""
        medium = read(image, password)
        if (medium.office, medium.number) in self.media:
            raise ValueError("a medium of this number was taken before")
        self.media.add((medium.office, medium.number))
        self.open += medium.records
        came = {r["uketsuke_no"] for r in medium.records}
        self.returned = [no for no in self.returned if no not in came]
        return f"受{on:%m%d}-{medium.office}-{medium.number}", medium

    def answer(self, on: date) -> Path | None:
        """The list of a day about what was taken before it; None when nothing was."""
        queue, self.open = self.open, []
        if not queue:
            return None
        world = world_on(self.home, on)
        results = [r for record in queue if (r := self._about(world, on, record))]
        info = files.write_medium(self.home / "inbox", on, results, list_no(self.home, on))
        return self.home / "inbox" / "kikou_kekka" / str(info["name"])

    def _about(self, world: World, on: date, record: Row) -> Values | None:
        """What becomes of one record; None about somebody whom nobody knows."""
        person = self._who(world, record)
        if person is None:
            return None
        kind, number = record["todoke_code"], record["uketsuke_no"]
        return (
            about(world.register, world.desk.kiso, person, on, kind)
            | items(_as_filed(record))
            | {"uketsuke_no": number, "kiso_nenkin_no": record["kiso_nenkin_no"] or self._issue(person)}
            | self._decided(world, kind, number)
        )

    def _decided(self, world: World, kind: str, number: str) -> Values:
        if kind in INCOMPLETE and kind not in self.lacked and world.desk.may_mend(number):
            self.lacked.add(kind)
            self.returned.append(number)
            return LACKS
        return APPROVED if kind in EXEMPTIONS else SETTLED

    def _who(self, world: World, record: Row) -> int | None:
        """The person by 基礎年金番号, else by 個人番号."""
        known = {str(kiso): person for person, kiso in world.desk.kiso.items()} | world.bureau.issued | self.issued
        if kiso := record["kiso_nenkin_no"]:
            return known.get(kiso)
        return world.register.find("", record["kojin_no"])

    def _issue(self, person: int) -> str:
        kiso = str(NEW_KISO + 7 * len(self.issued))
        self.issued[kiso] = person
        return kiso


def _as_filed(record: Row) -> Row:
    """The items of a record in the words of an intake."""
    months = {f"menjo_{item}": record[item].replace("-", "") for item in ("from_month", "to_month")}
    return {item: record[item] for item in REPEATED} | months
