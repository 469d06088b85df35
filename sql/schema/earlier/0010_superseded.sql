-- What a 訂正 replaced is asked for by the file that replaced it; few rows ever are.
create index atena_superseded_by on pension.atena (superseded_by_file) where superseded_by_file is not null;
