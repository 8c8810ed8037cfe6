/** The part of the kit that needs no test runner: the outside world, made up. */
export * from './wait-for.ts';
