-- `items_of_package` answers what this was for.
drop index items_to_review;
