-- 任意加入の年齢到達と、確認リストの備考。

alter table pension.worklist add column remark text;
comment on column pension.worklist.remark is '備考（見る人に知らせること）';

-- Open 任意加入 (種別 4, 5) with the day before the birthday on which it ends (born on 29 February: the 28th), by the law of a day.
create function pension.nini_toutatsu(p_on date)
returns table (atena_no text, atena_id bigint, row_key text, shubetsu_code text, birth_on date, age integer, reached_on date)
language sql stable as $$
    select s.atena_no, a.atena_id, s.row_key, s.shubetsu_code, a.birth_on, k.amount,
        case when to_char(a.birth_on, 'MMDD') = '0229'
            then make_date(extract(year from a.birth_on)::integer + k.amount, 2, 28)
            else cast(a.birth_on + make_interval(years => k.amount) as date) - 1 end
    from pension.shikaku as s
    join pension.atena_ima as a using (atena_no)
    join pension.kijitsu as k on k.name = case s.shubetsu_code when '4' then 'nini_kanyu' else 'tokurei_kanyu' end
        and p_on between k.from_on and k.until_on
    where s.superseded_at is null and s.lost_on is null and s.shubetsu_code in ('4', '5')
        and not a.birth_fusho_flag and a.birth_on is not null
$$;
comment on function pension.nini_toutatsu is '任意加入（種別4・5）がその年齢で終わる日（その日現在の法令による）';
revoke all on function pension.nini_toutatsu from public;
grant execute on function pension.nini_toutatsu to kokunen_app;
