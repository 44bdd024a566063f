-- Filters of the list of cases that a person wants to find again, under a name that he gave them.
create table hub.saved_views (
  operator_id bigint      not null references hub.operators (id),
  saved_at    timestamptz not null default clock_timestamp(),
  name        text        not null check (length(name) between 1 and 60),
  query       text        not null check (length(query) <= 2000), -- as the page's address says the filters
  columns     text[]      not null check (cardinality(columns) <= 30),

  primary key (operator_id, name)
);

-- Serves how many cases ended in each hour, from the index alone.
create index cases_by_end on hub.cases (closed_at) where closed_at is not null;
