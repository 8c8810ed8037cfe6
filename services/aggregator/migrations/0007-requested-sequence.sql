-- Where in the stream the request for work of the running attempt is: until the first stage has spoken, nothing else
-- tells whether it still waits in that stage's queue.
alter table assessments add column requested_sequence bigint;
