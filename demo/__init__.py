"""実演: the demonstration of ``make run``. Nothing of the product imports it."""
