"""マッピング: the shape of each record, our ground for holding it and for how long; names of files, and the words of the trade."""
