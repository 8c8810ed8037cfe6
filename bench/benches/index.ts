import type { Bench } from '../bench.ts';
import { pipeline } from './pipeline.ts';

export const benches: Bench[] = [pipeline];
