-- 画面: who may log in to the pages today, with the roles of the register and the password that the command line asks for, too.
create function shokuin.gamen() returns table (user_name text, yakuwari text[], password_hash text)
language sql stable security definer set search_path = shokuin, pg_temp as $$
    select y.user_name, y.yakuwari, k.password_hash
    from shokuin.yuukou as y join shokuin.kakunin as k using (person) order by y.user_name
$$;
comment on function shokuin.gamen is '画面の利用者（今日有効で、パスワードのある職員）';
revoke all on function shokuin.gamen from public;
