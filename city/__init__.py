"""A synthetic city: everything here is invented, deterministic, and every 個人番号 begins with 0000."""

from city.bench import write_full, write_idou
from city.canary import Canary, canaries
from city.kikou import Kikou
from city.make import answer, mend, synth
from city.tax import answer_income

__all__ = ["Canary", "Kikou", "answer", "answer_income", "canaries", "mend", "synth", "write_full", "write_idou"]
