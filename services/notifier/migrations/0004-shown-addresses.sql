-- What is shown of an address is without its query, where a secret may be.
update webhooks set shown_url = regexp_replace(shown_url, '[?#].*$', '') where format = 'standard';
