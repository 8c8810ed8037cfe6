-- Lists of requests begin with what was accepted and is not in the read models yet, which is among the newest.
create index submissions_newest on submissions (submitted_at desc, id desc);
