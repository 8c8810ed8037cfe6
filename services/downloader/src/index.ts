/** Stage: fetches, verifies and stores package bytes. */
export {};
