-- A new set-up link ends those that its account had before.
create index setup_links_account on setup_links (account_id);
