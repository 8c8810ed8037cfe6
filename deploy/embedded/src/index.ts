/** The one-command stack: nats-server, Postgres and every service on one machine. */
export {};
