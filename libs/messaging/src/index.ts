/** JetStream topology, stages, consumers, settling, outbox relay: the one place that talks to NATS. */
export {};
