/** Finds, starts and stops local nats-server and Postgres processes. */
export {};
