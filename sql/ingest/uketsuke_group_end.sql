-- what:   受付 in a group whose intake was revised, withdrawn, left unconfirmed, settled or decided
-- basis:  評価書 別添2 (免除・付加・裁定受付); decisions, Finer still (未確認)
-- grain:  one 受付 in force
-- params: none (names: table)
update pension.{table} as g set superseded_at = now()
where g.superseded_at is null and not g.kettei_flag and (
    not exists (
        select 1 from pension.uketsuke_standing as u
        where u.uketsuke_no = g.uketsuke_no and u.file_id = g.file_id and u.line = g.line
    )
    or exists (
        select 1 from pension.{table} as d where d.uketsuke_no = g.uketsuke_no and d.superseded_at is null and d.kettei_flag
    )
)
