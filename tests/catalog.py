"""What PostgreSQL knows of a database, as plain text: two databases are alike when these are equal."""

from __future__ import annotations

import psycopg

OURS = "n.nspname !~ '^(pg_|information_schema$)'"


def _rights(acl: str, kind: str, owner: str) -> str:
    """Who may do what; rights that were never named are the defaults, written out."""
    return (
        f"(select string_agg(g.rights, '; ' order by g.rights) from (select coalesce(r.rolname, 'public') || ': ' || string_agg("
        f"a.privilege_type, ', ' order by a.privilege_type) as rights from aclexplode(coalesce({acl}, acldefault('{kind}', {owner}))) as a "
        f"left join pg_roles as r on r.oid = a.grantee group by r.rolname) as g)"
    )


#: kind -> (name, what is said about it); one row per thing
QUERIES = {
    "schema": f"""
        select n.nspname, concat_ws(' | ', n.nspowner::regrole, obj_description(n.oid), {_rights("n.nspacl", "n", "n.nspowner")})
        from pg_namespace as n where {OURS}""",
    "relation": f"""
        select c.oid::regclass::text, concat_ws(' | ', c.relkind, c.relpersistence, c.relrowsecurity, c.relowner::regrole, obj_description(c.oid, 'pg_class'),
            case when c.relkind = 'S' then {_rights("c.relacl", "s", "c.relowner")} else {_rights("c.relacl", "r", "c.relowner")} end,
            case when c.relkind = 'v' then pg_get_viewdef(c.oid) end)
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where {OURS} and c.relkind in ('r', 'v', 'm', 'p', 'S')""",
    "columns": f"""
        select c.oid::regclass::text, string_agg(a.attname, ' ' order by a.attnum)
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid
        where {OURS} and c.relkind in ('r', 'v', 'm', 'p') and a.attnum > 0 and not a.attisdropped group by c.oid""",
    "column": f"""
        select c.oid::regclass || '.' || a.attname, concat_ws(' | ', format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' end,
            nullif(a.attidentity, ''), nullif(a.attgenerated, ''), pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),
            case when a.attacl is not null then {_rights("a.attacl", "c", "c.relowner")} end)
        from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid
        left join pg_attrdef as d on d.adrelid = c.oid and d.adnum = a.attnum
        where {OURS} and c.relkind in ('r', 'v', 'm', 'p') and a.attnum > 0 and not a.attisdropped""",
    "constraint": f"""
        select k.conrelid::regclass || '.' || k.conname, concat_ws(' | ', pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint'))
        from pg_constraint as k join pg_namespace as n on n.oid = k.connamespace where {OURS}""",
    "index": f"""
        select i.indexrelid::regclass::text, concat_ws(' | ', pg_get_indexdef(i.indexrelid), obj_description(i.indexrelid, 'pg_class'))
        from pg_index as i join pg_class as c on c.oid = i.indrelid join pg_namespace as n on n.oid = c.relnamespace where {OURS}""",
    "function": rf"""
        select p.oid::regprocedure::text, concat_ws(' | ', p.proowner::regrole, obj_description(p.oid, 'pg_proc'),
            {_rights("p.proacl", "f", "p.proowner")}, regexp_replace(pg_get_functiondef(p.oid), '\s+', ' ', 'g'))
        from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace where {OURS}""",
    "type": f"""
        select t.oid::regtype::text, concat_ws(' | ', t.typtype, t.typowner::regrole, format_type(t.typbasetype, t.typtypmod),
            (select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum as e where e.enumtypid = t.oid))
        from pg_type as t join pg_namespace as n on n.oid = t.typnamespace where {OURS} and t.typtype not in ('c', 'b')""",
    "trigger": f"""
        select t.tgrelid::regclass || '.' || t.tgname, pg_get_triggerdef(t.oid)
        from pg_trigger as t join pg_class as c on c.oid = t.tgrelid join pg_namespace as n on n.oid = c.relnamespace
        where {OURS} and not t.tgisinternal""",
    "sequence": f"""
        select s.seqrelid::regclass::text, concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle)
        from pg_sequence as s join pg_class as c on c.oid = s.seqrelid join pg_namespace as n on n.oid = c.relnamespace where {OURS}""",
}  # fmt: skip


def catalog(url: str) -> dict[str, str]:
    """'kind name' -> definition, of everything outside PostgreSQL's own schemas."""
    with psycopg.connect(url) as connection:
        return {f"{kind} {name}": text for kind, query in QUERIES.items() for name, text in connection.execute(query.encode())}


def differences(one: dict[str, str], other: dict[str, str]) -> str:
    """What is not the same, a line per side; empty when all is."""
    names = sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))
    return "\n".join(f"{n}\n    {one.get(n, '(not there)')}\n    {other.get(n, '(not there)')}" for n in names)
