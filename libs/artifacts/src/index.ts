/** Content-addressed artifact store. */
export {};
