"""マッピング: what a record looks like, why we may hold it, how long; the names of files and the words of the field."""
