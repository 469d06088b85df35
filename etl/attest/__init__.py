"""点検: what a look from outside shows. The state of the house for its people, its records for the auditor; both only read."""
