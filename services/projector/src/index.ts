/** Builds the read models in Postgres from the event stream. */
export {};
