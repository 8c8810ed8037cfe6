/** Configuration, logging, telemetry, health and the life cycle of a service process. */
export {};
