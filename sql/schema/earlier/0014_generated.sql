-- From here on staging is made from the mappings (etl/core/mapping/tables.py) and words from their lists (etl/core/states.py, the registries):
-- staging is emptied once; CHECKs with lists of words become tables that ``kokunen init`` keeps, looked at once per statement.
drop schema staging cascade;
create schema staging;
comment on schema staging is '受入中の行（一時）';
grant usage on schema staging to kokunen_app;

create table public.generated (
    dataset text primary key,
    sha256 text not null
);
comment on table public.generated is 'マッピングから作った受入表（その文のハッシュ）';

create table ledger.approval_kind (
    kind text primary key,
    label text not null
);
comment on table ledger.approval_kind is '承認の種類（登録簿から）';
insert into ledger.approval_kind (kind, label) select distinct kind, kind from ledger.approval;
alter table ledger.approval drop constraint approval_kind_check;
drop trigger run_of_approval on ledger.approval;
drop function ledger.run_of_approval();
create function ledger.approval_is_known() returns trigger language plpgsql as $$
begin
    if exists (
        select 1 from (select distinct run_id, kind from added) as a
        where not exists (select 1 from ledger.run as r where r.run_id = a.run_id)
            or not exists (select 1 from ledger.approval_kind as k where k.kind = a.kind)
    ) then
        raise foreign_key_violation using message = 'no such run or kind';
    end if;
    return null;
end $$;
create trigger approval_is_known after insert on ledger.approval
    referencing new table as added for each statement execute function ledger.approval_is_known();
grant select on ledger.approval_kind to kokunen_app;

create table pension.worklist_kind (kind text primary key);
comment on table pension.worklist_kind is '確認リストの種類';
insert into pension.worklist_kind (kind) select distinct kind from pension.worklist;
alter table pension.worklist drop constraint worklist_kind_check;
alter table pension.worklist add constraint worklist_kind_fkey foreign key (kind) references pension.worklist_kind;
grant select on pension.worklist_kind to kokunen_app;

create table audit.operation (operation text primary key);
comment on table audit.operation is '記録の操作';
insert into audit.operation (operation) select distinct operation from audit.event;
alter table audit.event add constraint event_operation_fkey foreign key (operation) references audit.operation;

-- Rights that came along with whole schemas and that nobody needs: a view is only read, an identity column draws its number by itself.
revoke all on pension.taisho from kokunen_app;
grant select on pension.taisho to kokunen_app;
revoke all on sequence ledger.output_output_id_seq, ledger.medium_medium_no_seq from kokunen_app;
revoke all on function ledger.approval_is_known from public;
