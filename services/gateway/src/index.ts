/** The REST API: accepts requests, answers from read models, relays commands. */
export {};
