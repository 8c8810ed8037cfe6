/** Real servers per test file and builders, for tests only. */
export { buildProgram } from './build-program.ts';
export { buildWorkspace } from './build-workspace.ts';
export { exampleEvent, exampleMessage } from './example-event.ts';
export { startFakeGitServer, type FakeGitServer, type RepositoryFile } from './fake-git-server.ts';
export {
  startFakeIdentityProvider,
  type FakeIdentityProvider,
  type FakePerson,
} from './fake-identity-provider.ts';
export { startFakeHost, type Answer, type FakeHost, type Fault } from './fake-host.ts';
export { findChromium } from './find-chromium.ts';
export { integrityOf } from './integrity-of.ts';
export { layOutBroker } from './lay-out-broker.ts';
export { chunksOf, packageTarball, paxRecord, tar, type TarEntry } from './tar-builder.ts';
export { findRepositoryRoot } from './repository-root.ts';
export { zipOf } from './zip-builder.ts';
export { answerMaxMs, testNats, testNatsCluster, type TestNats } from './test-nats.ts';
export { testCertificates, type TestCertificate, type TestCertificates } from './test-certificates.ts';
export { testPromtool } from './test-promtool.ts';
export { testPostgres, type TestMigrations, type TestPostgres } from './test-postgres.ts';
export { testService, type TestService } from './test-service.ts';
export { isTrueWithin, waitFor, type WaitForOptions } from './wait-for.ts';
export { stageConformance } from './stage-conformance.ts';
export * from './evidence.ts';
