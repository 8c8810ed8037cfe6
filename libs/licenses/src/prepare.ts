import { buildSpdxIndex } from './license-index.ts';
import { writePreparedIndex } from './prepared-index.ts';

/** The build runs this once the code is compiled, so that no scanning process has to build the index. */
writePreparedIndex(buildSpdxIndex());
