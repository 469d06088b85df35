-- what:   the version of the server, as a number (180004 is 18.4), and which of its settings let values into its log
-- basis:  P87; spec 11; decisions, Status
-- grain:  one row
-- params: bundled
with wanted (name, setting) as (
    values ('log_error_verbosity', 'terse'), ('log_min_duration_statement', '-1'), ('log_min_error_statement', 'panic'),
        ('log_min_messages', 'log'), ('log_parameter_max_length_on_error', '0'), ('log_statement', 'none')
)
select
    current_setting('server_version_num')::integer as number,
    coalesce((select string_agg(name, '、' order by name) from wanted where current_setting(name) <> setting
        -- the lines of our own server pass server_log.py, which keeps no error's text
        and not (name = 'log_min_messages' and :bundled)), '') as telling
