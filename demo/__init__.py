"""実演: what ``make run`` shows. Nothing of the product imports it."""
