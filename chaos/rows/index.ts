import type { Row, Skipped } from '../row.ts';
import { brokerAway, brokerDataLost, brokerKilled } from './broker.ts';
import { databaseKilled } from './database.ts';
import { repeatedEvents } from './events.ts';
import { gatewayDies } from './gateway.ts';
import { killPoints } from './kill-points.ts';
import { killStorm, terminate } from './kills.ts';
import { projectorDies } from './projector.ts';

export const rows: Row[] = [
  ...killPoints,
  killStorm,
  brokerKilled,
  brokerAway,
  brokerDataLost,
  databaseKilled,
  repeatedEvents,
  projectorDies,
  gatewayDies,
  terminate,
];

export const skippedRows: Skipped[] = [];
