"""A synthetic city: everything here is invented, deterministic, and every 個人番号 begins with 0000."""

from etl.synth.bench import write_full, write_idou
from etl.synth.canary import Canary, canaries
from etl.synth.make import answer, synth
from etl.synth.tax import answer_income

__all__ = ["Canary", "answer", "answer_income", "canaries", "synth", "write_full", "write_idou"]
