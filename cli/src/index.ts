/** The sluice command. */
export {};
